import { createRequire } from "node:module";

export const activate = (): unknown => ({
  attack() {
    const { internalBinding } = createRequire(import.meta.url)("internal/test/binding");
    const names = ["fs", "worker", "spawn_sync", "contextify", "messaging"].flatMap((name) =>
      Object.keys(internalBinding(name))
    );
    return names.length === 0 ? "closed: these bindings are empty" : `open: ${names}`;
  },
});
