export function then(): void {}

export const activate = (): unknown => ({ attack: () => "open: started" });
