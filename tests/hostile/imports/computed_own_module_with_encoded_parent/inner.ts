// @ts-nocheck what it imports is there only when it runs
export { default } from "./..%2f..%2foutside/secret.ts";
