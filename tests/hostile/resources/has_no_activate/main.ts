export const attack = (): string => "open: called";
