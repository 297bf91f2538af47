export const activate = (): unknown => ({
  async attack({ port }: { port: string }) {
    return await new Promise((resolve) => {
      const source = new EventSource(`http://127.0.0.1:${port}/`);
      source.onopen = () => resolve("open: connected");
      source.onerror = () => resolve("closed: an error event");
    });
  },
});
