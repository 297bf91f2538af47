import fc from "fast-check";

/** Text made of the pieces that Markdown and HTML are made of. */
export function markdown(): fc.Arbitrary<string> {
  const pieces = fc.constantFrom(
    ...'# |## |\n|\n\n|- |1. |> |* |**|_|`|```\n|~~~|    |\t|[|](|)|]: |[^1]|[^1]: |!|<|>|</|/>|<!--|-->|<a href="|<b>|</b>|<div>|</div>|<p>|<table>|<td>|<h2>|</h2>|"|\'|=|&lt;|&#106;|javascript:|onclick=|---\n|===\n|+++\n|title: x\n|\\||:::note\n|:::\n|[!NOTE]|{#id}|http://a.b|word |ä|中文|🚀|<script>|</script>|<style>|<title>|\\\\|\0|\r\n'
      .split("|"),
    "|",
    "|-|-|\n",
  );
  return fc.array(fc.oneof({ weight: 6, arbitrary: pieces }, fc.string({ maxLength: 8 })), { maxLength: 60 })
    .map((parts) => parts.join("").replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD").replace(/^\uFEFF/, ""));
}
