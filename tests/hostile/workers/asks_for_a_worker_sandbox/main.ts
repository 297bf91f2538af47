export const activate = (): unknown => ({ attack: () => "open: started" });
