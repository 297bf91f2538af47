// @ts-nocheck what it imports is there only when it runs
export const activate = (): unknown => ({
  attack: () => (0 as number) === 1 ? import("../../outside/secret.ts") : "open: not seen",
});
