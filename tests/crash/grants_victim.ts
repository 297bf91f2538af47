/**
 * Writes one decision after the other, each told on stdout once it is kept;
 * its test kills it in the middle.
 *
 * @module
 */

import { GrantBook } from "../../src/lifecycle/consent/grant_book.ts";
import { Registry } from "../../src/lifecycle/registry.ts";
import { withGrant } from "../../src/permissions/grants.ts";
import { createPermissionSet } from "../../src/permissions/permission_set.ts";

using registry = await Registry.open(Deno.args[0]!, () => {});
const book = await GrantBook.open(Deno.args[0]!, registry, () => {});
const permissions = createPermissionSet(
  Array.from({ length: 500 }, (_, index) => ({ kind: "read" as const, value: `/srv/maps/${index}` })),
);
for (let patch = 1;; patch++) {
  const granted = new Date().toISOString();
  await book.change((grants) =>
    withGrant(grants, {
      plugin: "acme.weather",
      version: `1.0.${patch}`,
      granted,
      supervised: false,
      permissions,
    })
  );
  Deno.stdout.writeSync(new TextEncoder().encode(`${patch}\n`));
}
