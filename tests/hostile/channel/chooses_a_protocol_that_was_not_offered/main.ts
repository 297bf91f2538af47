const { stringify } = JSON;
JSON.stringify = (message) => stringify(message).replace('"version":2', '"version":99');

export const activate = (): unknown => ({ attack: () => "open: started" });
