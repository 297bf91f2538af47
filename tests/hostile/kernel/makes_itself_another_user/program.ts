import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => `open: ${call("setuid", 65_534)}`;
