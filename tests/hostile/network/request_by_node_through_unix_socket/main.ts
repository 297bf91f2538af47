import { get } from "node:http";

export const activate = (): unknown => ({
  async attack({ socket }: { socket: string }) {
    return await new Promise((resolve, reject) => {
      get({ socketPath: socket, path: "/" }, (response) => resolve(`open: ${response.statusCode}`)).on(
        "error",
        reject,
      );
    });
  },
});
