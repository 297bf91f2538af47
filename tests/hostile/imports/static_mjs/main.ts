// @ts-nocheck what it imports is there only when it runs
import secret from "../../outside/secret.mjs";

export const activate = (): unknown => ({ attack: () => secret });
