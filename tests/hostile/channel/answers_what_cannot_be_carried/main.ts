export const activate = (): unknown => ({ attack: () => ({ deep: [() => 1] }) });
