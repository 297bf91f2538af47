// @ts-nocheck what it imports is there only when it runs
import type Secret from "../../outside/secret.ts";

/// <reference path="../../outside/secret.ts" />

export const activate = (): unknown => ({
  attack: (secret?: typeof Secret) => `closed: only types, ${typeof secret}`,
});
