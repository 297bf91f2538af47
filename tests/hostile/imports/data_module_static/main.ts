// @ts-nocheck what it imports is there only when it runs
import secret from "data:text/javascript,export default 'anything'";

export const activate = (): unknown => ({ attack: () => secret });
