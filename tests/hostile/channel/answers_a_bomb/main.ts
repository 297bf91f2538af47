export const activate = (): unknown => ({ attack: () => Array(3_000_000).fill([]) });
