import { get } from "node:http";

export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await new Promise((resolve, reject) => {
      get(`http://127.0.0.1:${port}/`, (response) => resolve(`open: ${response.statusCode}`)).on(
        "error",
        reject,
      );
    });
  },
});
