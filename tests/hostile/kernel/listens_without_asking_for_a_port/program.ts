import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => `open: ${call("listen", call("socket", 2, 1, 0), 1)}`;
