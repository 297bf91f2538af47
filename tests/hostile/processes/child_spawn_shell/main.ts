import { spawn } from "node:child_process";

export const activate = (): unknown => ({
  async attack() {
    return await new Promise((resolve, reject) => {
      spawn("true", [], { env: {}, shell: true }).on("error", reject).on("exit", resolve);
    });
  },
});
