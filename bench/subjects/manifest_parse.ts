/**
 * Reading a manifest with all its checks, beside parsing the TOML alone.
 *
 * @module
 */

import { parse } from "@std/toml";
import { parseManifest } from "../../src/manifest/parse.ts";
import { time } from "../measure.ts";
import type { Subject } from "../subject.ts";
import { ECHO } from "../workspace.ts";

const TIMES = 300;

/** Microseconds of one manifest. */
export async function openManifestParse(): Promise<Subject> {
  const text = await Deno.readTextFile(`${ECHO}/plugin.toml`);
  const figure = async (run: () => unknown) => {
    const ms = await time(() => {
      for (let count = 0; count < TIMES; count++) run();
      return Promise.resolve();
    });
    return ms * 1_000 / TIMES;
  };
  return {
    name: "manifest parse",
    unit: "us",
    better: "lower",
    target: 15,
    rounds: 9,
    contenders: {
      cordon: () => figure(() => parseManifest(text, "plugin.toml")),
      floor: () => figure(() => parse(text)),
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
