export const activate = (): unknown => ({
  attack: async () => await (await fetch("http://127.0.0.1/")).text(),
});
