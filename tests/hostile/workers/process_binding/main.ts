import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    const { binding } = process as unknown as { binding: (name: string) => object };
    const names = ["fs", "worker", "spawn_sync", "contextify", "messaging"].flatMap((name) =>
      Object.keys(binding(name))
    );
    return names.length === 0 ? "closed: these bindings are empty" : `open: ${names}`;
  },
});
