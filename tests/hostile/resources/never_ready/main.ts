export const activate = (): unknown => new Promise(() => setInterval(() => {}, 1_000));
