/**
 * A package registry on loopback for the scope `@hostile`, and a Deno folder in
 * which only that is to be loaded; both are in force until the end of the block.
 *
 * @module
 */

import { copy, exists } from "@std/fs";

const SCOPE = "@hostile";
const encoder = new TextEncoder();

/** Files of a package; `index.js` is its main module. */
export type PackageFiles = Readonly<Record<string, string>>;

/** Opens a registry with packages at version 1.0.0. */
export async function openRegistry(
  packages: Readonly<Record<string, PackageFiles>>,
): Promise<AsyncDisposable> {
  const dir = await Deno.realPath(await Deno.makeTempDir({ prefix: "cordon-registry-" }));
  const { npmCache } = await readCacheInfo();
  // The bundler itself comes from a registry, too; where Deno has it, it is not loaded again.
  const registries = await exists(npmCache) ? Deno.readDir(npmCache) : [];
  for await (const { name: registry } of registries) {
    if (!await exists(`${npmCache}/${registry}/@esbuild`)) continue;
    await Deno.mkdir(`${dir}/deno/npm/${registry}`, { recursive: true });
    await copy(`${npmCache}/${registry}/@esbuild`, `${dir}/deno/npm/${registry}/@esbuild`);
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async ({ url }) => {
    const [name, file] = decodeURIComponent(new URL(url).pathname).slice(1).split("/-/");
    const files = packages[name!.slice(SCOPE.length + 1)];
    if (files === undefined) return new Response(null, { status: 404 });
    const tarball = await pack({ "package.json": `{"name":"${name}","version":"1.0.0"}`, ...files });
    if (file !== undefined) return new Response(tarball);
    const digest = await crypto.subtle.digest("SHA-512", tarball);
    const integrity = `sha512-${new Uint8Array(digest).toBase64()}`;
    const dist = { tarball: `${url}/-/package.tgz`, integrity };
    return Response.json({
      name,
      "dist-tags": { latest: "1.0.0" },
      versions: { "1.0.0": { name, version: "1.0.0", dist } },
    });
  });
  await Deno.writeTextFile(`${dir}/.npmrc`, `${SCOPE}:registry=http://127.0.0.1:${server.addr.port}/\n`);

  const restore = setEnvironment({ HOME: dir, USERPROFILE: dir, DENO_DIR: `${dir}/deno` });
  return {
    async [Symbol.asyncDispose]() {
      restore();
      await server.shutdown();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

async function readCacheInfo(): Promise<{ npmCache: string }> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

function setEnvironment(values: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(values).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(values)) Deno.env.set(name, value);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  };
}

/** A gzipped tar archive, as registries serve it. */
async function pack(files: PackageFiles): Promise<Uint8Array<ArrayBuffer>> {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const bytes = encoder.encode(text);
    return [
      createHeader(`package/${name}`, bytes.length),
      bytes,
      new Uint8Array((512 - bytes.length % 512) % 512),
    ];
  });
  const tar = new Blob([...blocks, new Uint8Array(1024)]).stream();
  return await new Response(tar.pipeThrough(new CompressionStream("gzip"))).bytes();
}

/** A header of the ustar format. */
function createHeader(name: string, length: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(512);
  const fields: [at: number, text: string][] = [
    [0, name],
    [100, "0000644\0"],
    [108, "0000000\0"],
    [116, "0000000\0"],
    [124, `${length.toString(8).padStart(11, "0")}\0`],
    [136, "00000000000\0"],
    [148, "        "],
    [156, "0"],
    [257, "ustar\x0000"],
  ];
  for (const [at, text] of fields) header.set(encoder.encode(text), at);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.set(encoder.encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return header;
}
