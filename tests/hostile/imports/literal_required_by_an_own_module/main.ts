// @ts-nocheck what it imports is there only when it runs
import secret from "./inner.cjs";

export const activate = (): unknown => ({ attack: () => secret });
