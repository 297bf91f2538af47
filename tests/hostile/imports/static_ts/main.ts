// @ts-nocheck what it imports is there only when it runs
import secret from "../../outside/secret.ts";

export const activate = (): unknown => ({ attack: () => secret });
