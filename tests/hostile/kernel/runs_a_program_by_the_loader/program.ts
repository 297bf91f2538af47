export const attack = (): string => {
  const [loader] = /\/\S*\/ld-[^/\s]*/.exec(Deno.readTextFileSync(`/proc/${Deno.ppid}/maps`)) ?? [];
  const { stdout } = new Deno.Command(loader!, { args: ["/bin/echo", "open: ran"] }).outputSync();
  return new TextDecoder().decode(stdout);
};
