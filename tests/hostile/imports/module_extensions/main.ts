import Module from "node:module";

type Loader = (module: Module, path: string) => void;
const extensions = (Module as unknown as { _extensions: Record<string, Loader> })._extensions;

export const activate = (): unknown => ({
  attack({ outside }: { outside: string }) {
    const loader = new Module("x", undefined);
    extensions[".json"]!(loader, `${outside}/secret.json`);
    return loader.exports;
  },
});
