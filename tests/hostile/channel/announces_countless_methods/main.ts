export const activate = (): unknown => ({
  ...Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`method${n}`, () => n])),
  attack: () => "closed: the host goes on",
});
