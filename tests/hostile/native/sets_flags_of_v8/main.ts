import { setFlagsFromString } from "node:v8";

export const activate = (): unknown => ({
  attack() {
    setFlagsFromString("--allow-natives-syntax");
    return `open: ${new Function("return %DebugTrackRetainingPath({})")()}`;
  },
});
