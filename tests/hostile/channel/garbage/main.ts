import { Socket } from "node:net";

/** Writes to the connection to the host, by its descriptor; stdout and stderr get a copy. */
function send(...frames: Uint8Array[]) {
  const bytes = new Uint8Array(frames.flatMap((bytes) => [...bytes]));
  for (let fd = 9; fd < 64; fd++) {
    try {
      new Socket({ fd, readable: false }).on("error", () => {}).write(bytes);
    } catch {
      // Nothing that can be written to.
    }
  }
}

export const activate = (): unknown => ({
  attack() {
    send(new TextEncoder().encode("garbage, and no frame at all\n"));
    return new Promise<string>(() => {});
  },
});
