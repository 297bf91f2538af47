if (Deno.pid > 0) throw new Error("not today");

export const activate = (): unknown => ({ attack: () => "open: started" });
