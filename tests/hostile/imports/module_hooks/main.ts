import module from "node:module";

type Next = (value: string, context: unknown) => unknown;
type Hook = (value: string, context: unknown, next: Next) => unknown;
const hooks = module as unknown as { registerHooks: (hooks: Record<string, Hook>) => void };

export const activate = (): unknown => ({
  async attack({ outside }: { outside: string }) {
    hooks.registerHooks({
      resolve: (specifier, context, next) => next(specifier, context),
      load: (url, context, next) => next(url, context),
    });
    return (await import(`${outside}/secret.mjs`)).default;
  },
});
