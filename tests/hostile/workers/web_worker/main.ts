export const activate = (): unknown => ({
  attack() {
    const worker = new Worker(new URL("./main.ts", import.meta.url), { type: "module" });
    return `open: ${worker}`;
  },
});
