import threads from "node:worker_threads";

export const activate = (): unknown => ({
  async attack() {
    const { postMessageToThread: post } = threads as unknown as {
      postMessageToThread: (id: number, value: string) => Promise<void>;
    };
    await post(1, "forged");
    return "open: sent";
  },
});
