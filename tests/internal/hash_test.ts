import { assertStrictEquals } from "@std/assert";
import { hashBytes, hashText } from "../../src/internal/hash.ts";

Deno.test("hashText() and hashBytes() are SHA-256 in hexadecimal", async () => {
  // The examples of FIPS 180-4.
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  assertStrictEquals(await hashText("abc"), abc);
  assertStrictEquals(await hashBytes(Uint8Array.of(0x61, 0x62, 0x63)), abc);
  assertStrictEquals(await hashText(""), nothing);
  assertStrictEquals(await hashText("é"), await hashBytes(Uint8Array.of(0xc3, 0xa9)));
});
