// @ts-nocheck what it imports is there only when it runs
export const activate = (): unknown => ({
  async attack() {
    return (await import("../../outside/secret.json", { with: { type: "json" } })).default;
  },
});
