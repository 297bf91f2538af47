import process from "node:process";

export const activate = (): unknown => ({
  attack() {
    const words = [...Deno.args, ...process.argv.slice(2)].join(" ");
    return words.includes(import.meta.dirname!) ? `open: ${words}` : "closed: an address that is gone";
  },
});
