export const activate = (): unknown => ({
  async attack() {
    addEventListener("error", (event) => event.preventDefault());
    setTimeout(() => {
      throw new Error("nobody listens");
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    return "closed: it goes on";
  },
});
