export const activate = (): unknown => {
  for (;;);
};
