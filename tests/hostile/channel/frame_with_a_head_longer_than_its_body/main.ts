import { Socket } from "node:net";

function frame(head: string, bodyLength = 4 + head.length) {
  const bytes = new Uint8Array(8 + head.length);
  new DataView(bytes.buffer).setUint32(0, bodyLength);
  new DataView(bytes.buffer).setUint32(4, head.length);
  new TextEncoder().encodeInto(head, bytes.subarray(8));
  return bytes;
}

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
    send(frame("{}", 5));
    return new Promise<string>(() => {});
  },
});
