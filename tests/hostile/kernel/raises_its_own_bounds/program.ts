import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string =>
  `open: ${call("setrlimit", 7, new Uint8Array(new BigUint64Array([8_192n, 8_192n]).buffer))}`;
