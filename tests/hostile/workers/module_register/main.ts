import module from "node:module";

export const activate = (): unknown => ({
  attack() {
    const { register } = module as unknown as { register: (url: string) => void };
    register("./main.ts");
    return "open: registered";
  },
});
