export const activate = (): unknown => ({ attack: () => Deno.dlopen("libc.so.6", {}).symbols });
