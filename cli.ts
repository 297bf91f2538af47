/**
 * The command line: `deno run -A jsr:@cordon/cordon/cli run ./plugins`.
 *
 * @module
 */

import { main } from "./src/cli/main.ts";

if (import.meta.main) Deno.exit(await main(Deno.args));
