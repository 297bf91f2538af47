import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ facts: { pid }, call }: Hands): string => `open: ${call("kill", Number(pid), 23)}`;
