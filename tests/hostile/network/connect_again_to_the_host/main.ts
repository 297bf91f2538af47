import process from "node:process";

export const activate = (): unknown => ({
  async attack() {
    const path = process.argv.find((word) => word.includes("/run-"))!;
    using _connection = await Deno.connect({ transport: "unix", path });
    return "open: connected";
  },
});
