import type { Hands } from "../../runners/program/run.ts";

export const attack = ({ call }: Hands): string => {
  const file = call("memfd_create", "echo", 0);
  using echo = Deno.openSync("/bin/echo");
  const bytes = new Uint8Array(2 ** 20);
  call("write", file, bytes, echo.readSync(bytes)!);
  const [name, said] = ["echo\0", "open: ran\0"].map((text) => new TextEncoder().encode(text));
  const pointers = [name, said].map((text) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(text!)));
  const argv = new Uint8Array(new BigUint64Array([...pointers, 0n]).buffer);
  return `closed: ${call("fexecve", file, argv, new Uint8Array(8))}`;
};
