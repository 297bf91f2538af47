/**
 * The main module of a sandbox that is a process: it connects to the host, gives back the
 * permissions that took, locks the realm down and then serves the host's
 * requests, the first of which loads the plugin by a computed import, so that
 * every import of the plugin is checked.
 *
 * It shares a realm with hostile code, holds no secret and decides nothing.
 *
 * @module
 */

import { FrameChannel } from "../../rpc/channel.ts";
import { connectHost } from "./connection.ts";
import { lockDown } from "./lockdown.ts";
import { createPluginPeer } from "./plugin.ts";

const exit = Deno.exit;
const [transport = "", address = "", keptText = "", removals = ""] = Deno.args;
const stream = await connectHost(transport, address, keptText.split(","));
await lockDown(removals.split(","));
// Computed, so that the plugin's imports are checked against its permissions.
await createPluginPeer(new FrameChannel(stream), { importModule: (entry) => import(entry) }).run();
exit(0);
