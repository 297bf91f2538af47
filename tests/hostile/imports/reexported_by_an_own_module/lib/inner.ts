// @ts-nocheck what it imports is there only when it runs
export * from "../../../outside/secret.ts";
