import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => `open: ${call("syscall", 425, 1, new Uint8Array(120))}`;
