const { stringify } = JSON;
JSON.stringify = (message) => stringify({ ...message as object, value: { exports: [], methods: [{}] } });

export const activate = (): unknown => ({ attack: () => "open: started" });
