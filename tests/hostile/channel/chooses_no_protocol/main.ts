const { stringify } = JSON;
JSON.stringify = (message) => stringify(message).replace('"features":[', '"features":[{},');

export const activate = (): unknown => ({ attack: () => "open: started" });
