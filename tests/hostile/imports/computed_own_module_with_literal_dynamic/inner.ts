// @ts-nocheck what it imports is there only when it runs
export default (await import("../../outside/secret.ts")).default;
