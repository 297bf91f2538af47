import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => `open: ${call("socket", 16, 3, 0)}`;
