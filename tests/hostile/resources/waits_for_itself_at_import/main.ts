await new Promise(() => setInterval(() => {}, 1_000));

export const activate = (): unknown => ({ attack: () => "open: started" });
