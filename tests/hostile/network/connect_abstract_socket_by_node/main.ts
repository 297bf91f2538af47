import { connect } from "node:net";

export const activate = (): unknown => ({
  async attack({ abstract }: { abstract: string }) {
    return await new Promise((resolve) => {
      const socket = connect(`\0${abstract}`, () => resolve("open: connected"));
      socket.on("error", ({ message }) => resolve(`closed: ${message.replaceAll("\0", "@")}`));
    });
  },
});
