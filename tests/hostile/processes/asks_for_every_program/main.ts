export const activate = (): unknown => ({ attack: () => new Deno.Command("sh").outputSync().code });
