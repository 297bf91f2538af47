// @ts-nocheck what it imports is there only when it runs
import secret from "../../outside/secret.txt" with { type: "text" };
export default secret;
