import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => `open: ${call("unshare", 0x4000000)}`;
