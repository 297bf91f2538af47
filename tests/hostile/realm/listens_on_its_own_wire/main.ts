export const activate = (): unknown => ({
  async attack() {
    const heard: string[] = [];
    const { parse } = JSON;
    JSON.parse = (text) => (heard.push(text), parse(text));
    await new Promise((resolve) => setTimeout(resolve, 50));
    return heard.some((text) => text.includes("witness"))
      ? `open: ${heard}`
      : "closed: it hears what it is told";
  },
});
