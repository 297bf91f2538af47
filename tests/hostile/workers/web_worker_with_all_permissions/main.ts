export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    const options = { type: "module", deno: { permissions: "inherit" } };
    const worker = new Worker(
      `data:text/javascript,import "file://${outside}/secret.ts"`,
      options as WorkerOptions,
    );
    return `open: ${worker}`;
  },
});
