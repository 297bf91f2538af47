import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseRange } from "../../plugins/web/content.ts";
import * as web from "../../plugins/web/main.ts";
import { createHandler, isLocalHost } from "../../plugins/web/server.ts";
import { parsePath, SiteFiles } from "../../plugins/web/site_files.ts";
import { LivePages } from "../../plugins/web/live.ts";
import { createFolder, FakeHost } from "./fake_context.ts";

const SITE = {
  "index.html": "<title>Home</title>",
  "404.html": "<title>Not found</title>",
  "guide/index.html": "<title>Guide</title>",
  "guide/a b.html": "<title>A b</title>",
  "_cordon/style.css": "body {}",
  "img/x.svg": "<svg/>",
  "movie.mp4": new Uint8Array(1_000).map((_, index) => index % 256),
  ".cordon-site": "secret",
};

async function openHandler(path: string, query?: (...args: unknown[]) => unknown) {
  const live = new LivePages(() => Promise.resolve(undefined));
  const search = () =>
    query
      ? Promise.resolve((...args: unknown[]) => Promise.resolve(query(...args)) as Promise<never>)
      : Promise.reject(Object.assign(new Error("missing"), { code: "capability_unavailable" }));
  const handler = createHandler({ files: await SiteFiles.open(path), live, search });
  return (target: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    handler(
      new Request(`http://127.0.0.1${target}`, {
        ...init,
        headers: { host: "127.0.0.1:8080", ...init.headers },
      }),
    );
}

Deno.test("parsePath() refuses whatever no site has", () => {
  assertEquals(parsePath("/a%20b/c.html"), ["a b", "c.html"]);
  assertEquals(parsePath("/a/"), ["a", ""]);
  for (
    const path of [
      "/..",
      "/a/../b",
      "/%2e%2e/x",
      "/a%2Fb",
      "/a%5Cb",
      "/a%00b",
      "/.git/x",
      "//x",
      "/a//b",
      "/%zz",
      "/%ff",
    ]
  ) {
    assertEquals(parsePath(path), undefined, path);
  }
});

Deno.test("parseRange() understands what players ask for", () => {
  assertEquals(parseRange("bytes=0-9", 100), { start: 0, end: 9 });
  assertEquals(parseRange("bytes=90-", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=-10", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=50-1000", 100), { start: 50, end: 99 });
  assertEquals(parseRange("bytes=100-", 100), "invalid");
  assertEquals(parseRange("bytes=0-1,3-4", 100), undefined);
  assertEquals(parseRange(null, 100), undefined);
});

Deno.test("isLocalHost() accepts no name that another machine could lead here", () => {
  for (const host of ["127.0.0.1", "127.0.0.1:8080", "localhost:8080", "LOCALHOST"]) {
    assert(isLocalHost(host));
  }
  for (
    const host of [
      null,
      "",
      "evil.test",
      "127.0.0.1.evil.test",
      "localhost.evil.test:80",
      "127.0.0.1:80@evil.test",
      "0.0.0.0",
    ]
  ) {
    assertFalse(isLocalHost(host));
  }
});

Deno.test("The server shows files with their types, tags and policies", async () => {
  await using site = await createFolder(SITE);
  const get = await openHandler(site.path);
  const home = await get("/");
  assertEquals([home.status, home.headers.get("content-type"), await home.text()], [
    200,
    "text/html; charset=utf-8",
    "<title>Home</title>",
  ]);
  assertEquals(home.headers.get("x-content-type-options"), "nosniff");
  assertStringIncludes(
    home.headers.get("content-security-policy")!,
    "default-src 'none'; script-src 'self';",
  );
  const tag = home.headers.get("etag")!;
  assertStringIncludes(home.headers.get("server-timing")!, tag.replaceAll('"', ""));
  assertEquals((await get("/", { headers: { "if-none-match": `W/${tag}, "x"` } })).status, 304);
  assertEquals((await get("/", { headers: { "if-none-match": '"x"' } })).status, 200);

  const image = await get("/img/x.svg");
  assertEquals([image.headers.get("content-type"), await image.text()], [
    "image/svg+xml; charset=utf-8",
    "<svg/>",
  ]);
  assertStringIncludes(image.headers.get("content-security-policy")!, "sandbox");

  const head = await get("/guide/a%20b.html", { method: "HEAD" });
  assertEquals([head.status, head.headers.get("content-length"), await head.text()], [200, "18", ""]);
  assertEquals((await get("/", { method: "POST" })).headers.get("allow"), "GET, HEAD");
});

Deno.test("The server finds folders and pages without their ending, and shows the site's own 404", async () => {
  await using site = await createFolder(SITE);
  const get = await openHandler(site.path);
  assertEquals(await (await get("/guide/")).text(), "<title>Guide</title>");
  const moved = await get("/guide");
  assertEquals([moved.status, moved.headers.get("location")], [308, "/guide/"]);
  assertEquals(await (await get("/guide/a%20b")).text(), "<title>A b</title>");
  for (const path of ["/nothing", "/.cordon-site", "/guide/..%2f..%2fetc/passwd", "/img/", "/%00"]) {
    const missing = await get(path);
    assertEquals([missing.status, await missing.text()], [404, "<title>Not found</title>"], path);
  }
});

Deno.test("The server sends parts of files", async () => {
  await using site = await createFolder(SITE);
  const get = await openHandler(site.path);
  const part = await get("/movie.mp4", { headers: { range: "bytes=10-12" } });
  assertEquals([part.status, part.headers.get("content-range"), [...await part.bytes()]], [
    206,
    "bytes 10-12/1000",
    [10, 11, 12],
  ]);
  assertEquals((await get("/movie.mp4", { headers: { range: "bytes=5000-" } })).status, 416);
  await Deno.writeFile(`${site.path}/large.mp4`, new Uint8Array(5 * 1024 * 1024).fill(1));
  const large = await get("/large.mp4", { headers: { range: "bytes=1-300000" } });
  assertEquals((await large.bytes()).length, 300_000);
  assertEquals((await (await get("/large.mp4")).bytes()).length, 5 * 1024 * 1024);
});

Deno.test({
  name: "The server follows no link out of the site",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using outside = await createFolder({ "secret.html": "secret" });
    await using site = await createFolder(SITE);
    await Deno.symlink(`${outside.path}/secret.html`, `${site.path}/leak.html`);
    await Deno.symlink(outside.path, `${site.path}/leak`);
    const get = await openHandler(site.path);
    for (const path of ["/leak.html", "/leak/secret.html", "/leak"]) {
      const answer = await get(path);
      assertEquals([answer.status, await answer.text()], [404, "<title>Not found</title>"]);
    }
  },
});

Deno.test("The server refuses names that are not this machine's", async () => {
  await using site = await createFolder(SITE);
  const get = await openHandler(site.path);
  assertEquals((await get("/", { headers: { host: "evil.test" } })).status, 421);
});

Deno.test("/search answers with the pages that were found", async () => {
  await using site = await createFolder({
    ...SITE,
    "README.html": "x",
    "b.markdown.html": "x",
    "b.html": "x",
  });
  const asked: unknown[] = [];
  const hit = (path: string, anchor = "") => ({ path, anchor, title: path, marks: [] });
  const get = await openHandler(site.path, (...args) => {
    asked.push(args);
    return [
      hit("guide/README.md"),
      hit("guide/a b.md", "ä"),
      hit("README.md"),
      hit("index.md"),
      hit("b.markdown"),
      hit("b.md"),
    ];
  });
  const answer = await get("/search?q=%20deno%20&limit=6");
  assertEquals((await answer.json()).hits.map(({ url }: { url: string }) => url), [
    "guide/index.html",
    "guide/a%20b.html#%C3%A4",
    "README.html",
    "index.html",
    "b.markdown.html",
    "b.html",
  ]);
  assertEquals(asked, [["deno", { limit: 6, waitMs: 1_500 }]]);
  assertEquals((await get("/search", { method: "HEAD" })).status, 204);
  for (
    const bad of [
      "/search",
      "/search?q=",
      "/search?q=%20",
      `/search?q=${"x".repeat(201)}`,
      "/search?q=a&limit=0",
      "/search?q=a&limit=x",
    ]
  ) {
    const refused = await get(bad);
    assertEquals(refused.status, 400, bad);
    assertEquals(typeof (await refused.json()).error, "string");
  }
});

Deno.test("/search says when there is no search, and does not say why it failed", async () => {
  await using site = await createFolder(SITE);
  const missing = await openHandler(site.path);
  assertEquals((await missing("/search?q=a")).status, 503);
  assertEquals((await missing("/search", { method: "HEAD" })).status, 503);
  const failing = await openHandler(site.path, () => {
    throw new Error("/secret/path");
  });
  const answer = await failing("/search?q=a");
  assertEquals([answer.status, await answer.json()], [502, { error: "The search failed" }]);
});

Deno.test("cordon.web tells an open page when its own content changed", async () => {
  await using site = await createFolder(SITE);
  await using host = new FakeHost();
  const { address } = await host.start("web", web, { vars: { output: site.path, port: "0" } });
  assertMatch(address(), /^http:\/\/127\.0\.0\.1:\d+\/$/);
  const home = await fetch(address());
  await home.body!.cancel();
  const tag = home.headers.get("etag")!.replaceAll('"', "");
  const answer = await fetch(`${address()}live?path=/&tag=${tag}`);
  assertEquals(answer.headers.get("content-type"), "text/event-stream");
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, "retry: 2000\n\n");

  await site.write({ "guide/index.html": "<title>Other</title>" });
  await host.publish("site.built", { changed: ["guide/index.html"] });
  await site.write({ "index.html": "<title>New</title>" });
  await host.publish("site.built", { changed: ["index.html"] });
  assertMatch((await reader.read()).value!, /^event: changed\ndata: [0-9a-f]{24}\n\n$/);

  await site.write({ "index.html": "<title>Newer</title>" });
  await host.publish("site.built", { changed: null });
  assertMatch((await reader.read()).value!, /^event: changed/);
  await host.stop("web");
  assertEquals((await reader.read()).done, true);
});

Deno.test("cordon.web tells a page at once that it is an old one", async () => {
  await using site = await createFolder(SITE);
  await using host = new FakeHost();
  const { address } = await host.start("web", web, { vars: { output: site.path, port: "0" } });
  const answer = await fetch(`${address()}live?path=/&tag=old`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("event: changed")) text += (await reader.read()).value;
  await reader.cancel();
});

Deno.test("LivePages.listen() keeps a bounded number of connections", async () => {
  using live = new LivePages(() => Promise.resolve("1"));
  const open: Response[] = [];
  for (let index = 0; index < 64; index++) open.push(await live.listen("/", "1"));
  const refused = await live.listen("/", "1");
  assertEquals(refused.status, 503);
  await open.pop()!.body!.cancel();
  assertEquals(live.size, 63);
  assertEquals((await live.listen("/", "1")).status, 200);
});

Deno.test("cordon.web says in one sentence why it cannot serve", async () => {
  await using site = await createFolder(SITE);
  await using host = new FakeHost();
  const { address } = await host.start("web", web, { vars: { output: site.path, port: "0" } });
  const { port } = new URL(address());
  const message = async (vars: Record<string, string>) =>
    (await assertRejects(() => host.start("second", web, { vars }), Error)).message;
  assertEquals(
    await message({ output: site.path, port }),
    `Cannot serve the site on port ${port}: another program uses it; pass another one with --var port=N`,
  );
  assertStringIncludes(await message({ output: site.path, port: "http" }), '"http": it is no number');
  assertStringIncludes(await message({ output: site.path, port: "70000" }), "pass --var port=N");
  assertStringIncludes(
    await message({ output: `${site.path}/none`, port: "0" }),
    "it does not exist; pass --var output=DIR",
  );
});
