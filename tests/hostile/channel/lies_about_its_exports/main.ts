const { stringify } = JSON;
JSON.stringify = (message) =>
  stringify({ ...message as object, value: { exports: "all", methods: ["attack"] } });

export const activate = (): unknown => ({ attack: () => "open: started" });
