// @ts-nocheck what it imports is there only when it runs
import * as inner from "./lib/inner.ts";

export const activate = (): unknown => ({ attack: () => inner });
