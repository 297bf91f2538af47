const { stringify } = JSON;
JSON.stringify = (message) => stringify({ ...message as object, value: undefined });

export const activate = (): unknown => ({ attack: () => "open: started" });
