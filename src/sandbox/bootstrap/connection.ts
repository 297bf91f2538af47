/**
 * The sandbox's end of the channel.
 *
 * @module
 */

import type { ByteStream } from "../../rpc/channel.ts";

/**
 * Connects to the host and revokes what that took.
 *
 * @param transport `unix` or `stdio`.
 * @param address Path of the socket.
 * @param kept Kinds that a grant covers anyway: revoking a path inside a
 * granted folder would take the whole folder.
 */
export async function connectHost(
  transport: string,
  address: string,
  kept: readonly string[],
): Promise<ByteStream> {
  if (transport === "stdio") return connectStdio();
  if (transport !== "unix") throw new TypeError(`Cannot connect: "${transport}" is no transport`);
  const connection = await Deno.connect({ transport: "unix", path: address });
  const descriptors: Deno.PermissionDescriptor[] = [
    { name: "net", host: `unix:${address}` },
    { name: "read", path: address },
    { name: "write", path: address },
  ];
  for (const descriptor of descriptors) {
    if (kept.includes(descriptor.name)) continue;
    const { state } = Deno.permissions.revokeSync(descriptor);
    if (state === "granted") {
      throw new Error(`Cannot start: the ${descriptor.name} permission of the channel stays`);
    }
  }
  return connection;
}

/** Frames on stdin and stdout; what the plugin prints goes to stderr. */
function connectStdio(): ByteStream {
  const { stdin, stdout } = Deno;
  const { console } = globalThis;
  const print = console.error.bind(console);
  Object.assign(console, { log: print, info: print, debug: print });
  return {
    read: (into) => stdin.read(into),
    write: (from) => stdout.write(from),
    close: () => {
      stdin.close();
      stdout.close();
    },
  };
}
