// @ts-nocheck what it imports is there only when it runs
export { default as secret } from "../../outside/secret.ts";

export const activate = (): unknown => ({ attack: () => "open: exported" });
