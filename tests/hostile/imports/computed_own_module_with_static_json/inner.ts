// @ts-nocheck what it imports is there only when it runs
import secret from "../../outside/secret.json" with { type: "json" };
export default secret;
