export const attack = (): string => `open: ${Deno.readTextFileSync("/etc/passwd").length} characters`;
