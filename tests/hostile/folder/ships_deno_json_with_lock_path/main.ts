export const activate = (): unknown => ({
  async attack() {
    await import("./inner.ts");
    const names = await Array.fromAsync(Deno.readDir(import.meta.dirname!), ({ name }) => name);
    return names.includes("deno.lock") ? "open: a lock was written" : "closed: no lock was written";
  },
});
