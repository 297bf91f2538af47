export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
      socket.onopen = () => resolve("open: connected");
      socket.onerror = reject;
    });
  },
});
