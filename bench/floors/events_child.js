// The floor of events: JSON lines over a Unix socket. "sink" counts lines and says so at the last of a round;
// "source" publishes {id, v} for each line {count, burst, value}, with `burst` of them unanswered at most.
const [path, role] = Deno.args;
const connection = await Deno.connect({ transport: "unix", path });
const decoder = new TextDecoder();
const encoder = new TextEncoder();
const buffer = new Uint8Array(1 << 16);
let rest = "";
let seen = 0;
let [next, count, value] = [0, 0, null];

async function write(lines) {
  const bytes = encoder.encode(lines);
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function publish(most) {
  let lines = "";
  for (let n = 0; n < most && next < count; n++, next++) {
    lines += JSON.stringify({ id: next, v: { n: next, last: next === count - 1, ...value } }) + "\n";
  }
  return lines;
}

for (;;) {
  const length = await connection.read(buffer);
  if (length === null) break;
  const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split("\n");
  rest = lines.pop();
  let answer = "";
  let answered = 0;
  for (const line of lines) {
    const message = JSON.parse(line);
    if (role === "sink") {
      seen++;
      if (!message.last) continue;
      answer += `${seen}\n`;
      seen = 0;
    } else if (message.count === undefined) answered++;
    else {
      [next, count, value] = [0, message.count, message.value];
      answered = message.burst;
    }
  }
  if (answered > 0) answer += publish(answered);
  if (answer !== "") await write(answer);
}
Deno.exit(0);
