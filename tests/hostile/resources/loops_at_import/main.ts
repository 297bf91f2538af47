while (Deno.pid > 0);

export const activate = (): unknown => ({ attack: () => "open: started" });
