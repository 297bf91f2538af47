import secret from "../../outside/secret.json" with { type: "json" };

export const activate = (): unknown => ({ attack: () => secret });
