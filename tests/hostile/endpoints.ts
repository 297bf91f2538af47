/**
 * What listens around the plugins on loopback: one server that the network
 * attacks were granted, and others that nobody was.
 *
 * @module
 */

import { createSocket } from "node:dgram";
import { createServer, type Server } from "node:net";

/** The open endpoints. */
export interface Endpoints extends AsyncDisposable {
  /** Where they are. */
  readonly facts: Readonly<Record<string, string>>;
  /** Who came to an endpoint that nobody was granted, since the last call. */
  readonly takeTrespasses: () => string[];
}

/** Opens the endpoints; those that nobody was granted answer with `canary`. */
export async function openEndpoints(dir: string, canary: string): Promise<Endpoints> {
  await Deno.mkdir(dir);
  const trespasses: string[] = [];
  const answer = (name: string, reply: string) =>
    createServer((socket) => {
      trespasses.push(`${name} was reached`);
      socket.on("error", () => {});
      socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${reply.length}\r\nconnection: close\r\n\r\n${reply}`);
    });

  const forbidden = await listen(answer("a TCP port", canary), { host: "127.0.0.1", port: 0 });
  const { port } = forbidden.address() as { port: number };
  const servers = [
    forbidden,
    await listen(answer("a Unix socket", canary), { path: `${dir}/socket` }),
    ...(Deno.build.os === "linux"
      ? [await listen(answer("an abstract socket", canary), { path: `\0${dir}` })]
      : []),
  ];
  // Where there is no IPv6, nobody can get there either.
  const six = await listen(answer("a TCP port over IPv6", canary), { host: "::1", port }).catch(() =>
    undefined
  );
  if (six !== undefined) servers.push(six);

  const granted = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) =>
      new URL(url).pathname === "/redirect"
        ? Response.redirect(`http://127.0.0.1:${port}/`)
        : new Response("granted"),
  );

  const datagrams = createSocket("udp4", () => trespasses.push("a UDP port was reached"));
  await new Promise<void>((resolve) => datagrams.bind(0, "127.0.0.1", resolve));

  const neighbour = new BroadcastChannel("hostile");
  neighbour.onmessage = () => trespasses.push("a broadcast channel of the host was reached");

  return {
    facts: {
      port: String(port),
      granted: String(granted.addr.port),
      datagrams: String(datagrams.address().port),
      socket: `${dir}/socket`,
      abstract: dir,
    },
    takeTrespasses: () => trespasses.splice(0),
    async [Symbol.asyncDispose]() {
      neighbour.close();
      await new Promise<void>((resolve) => datagrams.close(() => resolve()));
      await granted.shutdown();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => resolve(server));
  });
}
