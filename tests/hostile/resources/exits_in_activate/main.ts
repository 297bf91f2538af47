export const activate = (): unknown => Deno.exit(0);
