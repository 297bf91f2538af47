export const activate = (): unknown => {
  throw new Error("not today");
};
