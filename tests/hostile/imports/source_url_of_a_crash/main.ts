export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    const crash: () => void = Function(
      `throw new Error("crash")\n//# sourceURL=file://${outside}/secret.txt`,
    ) as () => void;
    setTimeout(crash);
    return await new Promise(() => {});
  },
});
