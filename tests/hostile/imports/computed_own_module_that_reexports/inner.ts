// @ts-nocheck what it imports is there only when it runs
export { default } from "../../outside/secret.ts";
