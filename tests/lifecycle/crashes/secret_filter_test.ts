import { assert, assertEquals } from "@std/assert";
import { createSecretFilter, hideInLines } from "../../../src/lifecycle/crashes/secret_filter.ts";

const NOTHING = { env: {}, vars: {}, secrets: [] };

Deno.test("createSecretFilter() hides what a plugin was handed, in the forms in which it is printed", () => {
  const token = 'tok/1"234+567';
  const hide = createSecretFilter({
    env: { API_TOKEN: token, PIN: "1", CERT: "first line of it\nsecond line of it" },
    vars: { db_password: "hunter2", port: "8080" },
    secrets: ["from the configuration"],
  });
  const hidden = [
    token,
    encodeURIComponent(token),
    btoa(token),
    JSON.stringify(token).slice(1, -1),
    "hunter2",
    "from the configuration",
    "second line of it",
  ];
  assertEquals(hide(hidden.join(" | ")), hidden.map(() => "(secret)").join(" | "));
  assertEquals(hide("listening on 8080 with 1 worker"), "listening on 8080 with 1 worker");
});

Deno.test("createSecretFilter() hides what stands where people write secrets", () => {
  const hide = createSecretFilter(NOTHING);
  const cases = [
    ["token=abc def", "token=(secret) def"],
    ['{"apiKey": "a\\"b", "name": "Ada"}', '{"apiKey": "(secret)", "name": "Ada"}'],
    ["Error: password: 'hunter2'", "Error: password: '(secret)'"],
    ["run --password s3cret next", "run --password (secret) next"],
    ["CLIENT_SECRET: 'x y'", "CLIENT_SECRET: '(secret)'"],
    ["config.db.password = hunter2", "config.db.password = (secret)"],
    ["postgres://user:pass@host/db", "postgres://(secret)@host/db"],
    ["Authorization: Bearer abcdefghijk", "Authorization: Bearer (secret)"],
    ["got eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxw", "got (secret)"],
    ["-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nmore", "(secret)\nmore"],
  ];
  assertEquals(cases.map(([text]) => hide(text!)), cases.map(([, shown]) => shown));
});

Deno.test("createSecretFilter() leaves other text alone", () => {
  const hide = createSecretFilter(NOTHING);
  for (
    const text of [
      "monkey=3 keyboard: qwerty",
      "at readToken (main.ts:3:4)",
      "PWD=/tmp",
      "TypeError: Cannot read properties of undefined (reading 'token')",
      "https://example.test:8443/path",
    ]
  ) assertEquals(hide(text), text);
});

Deno.test("hideInLines() hides a key that stands on several lines, one that is cut off too", () => {
  const hide = createSecretFilter(NOTHING);
  const key = ["-----BEGIN RSA PRIVATE KEY-----", "abc", "def", "-----END RSA PRIVATE KEY-----"];
  const hidden = Array<string>(3).fill("(secret)");
  assertEquals(hideInLines(["a", ...key, "b", ...key.slice(0, 3)], hide), [
    "a",
    ...hidden,
    "(secret)",
    "b",
    ...hidden,
  ]);
});

Deno.test("createSecretFilter() takes a text that was made to be slow", () => {
  const hide = createSecretFilter(NOTHING);
  const size = 16_384;
  for (
    const part of ["a", "=", "--a-", 'token="', "://:", "a://", "-----BEGIN PRIVATE KEY-----", "eyJ", "a\\"]
  ) {
    assert(hide(part.repeat(size / part.length)).length > 0);
  }
});
