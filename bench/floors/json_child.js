// The floor of a sandbox: JSON over a Unix socket, nothing else. Answers {id, p} with {id, v: p[0]};
// a frame whose first byte is not "{" is bytes and goes back as it came. For {id, times, p} it asks the host
// so often, one after the other, with {ask, p}, and takes each answer as {told, v}. {load} has it import a module.
const connection = await Deno.connect({ transport: "unix", path: Deno.args[0] });
let main = Deno.args[1] === undefined ? undefined : await import(Deno.args[1]);
const decoder = new TextDecoder();
const encoder = new TextEncoder();
let buffer = new Uint8Array(1 << 16);
let start = 0;
let end = 0;
let queue = [];
let isWriting = false;
let onTold;

function send(bytes) {
  queue.push(bytes);
  if (!isWriting) {
    isWriting = true;
    queueMicrotask(flush);
  }
}

async function flush() {
  while (queue.length > 0) {
    const chunks = queue;
    queue = [];
    const all = chunks.length === 1 ? chunks[0] : join(chunks);
    for (let at = 0; at < all.length;) at += await connection.write(all.subarray(at));
  }
  isWriting = false;
}

function join(chunks) {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function answer(body) {
  if (body[0] !== 123) {
    const bytes = new Uint8Array(4 + body.length);
    new DataView(bytes.buffer).setUint32(0, body.length);
    bytes.set(body, 4);
    return send(bytes);
  }
  const message = JSON.parse(decoder.decode(body));
  if (message.told !== undefined) return onTold(message.v);
  if (message.load !== undefined) return void load(message);
  if (message.times !== undefined) return void ask(message);
  sendJson({ id: message.id, v: main === undefined ? message.p[0] : main.answer(message.p[0]) });
}

async function load({ id, load: path }) {
  main = await import(path);
  sendJson({ id, v: null });
}

async function ask({ id, times, p }) {
  for (let count = 0; count < times; count++) {
    const { promise, resolve } = Promise.withResolvers();
    onTold = resolve;
    sendJson({ ask: count, p });
    await promise;
  }
  sendJson({ id, v: null });
}

function sendJson(message) {
  const text = JSON.stringify(message);
  const bytes = new Uint8Array(4 + text.length * 3);
  const { written } = encoder.encodeInto(text, bytes.subarray(4));
  new DataView(bytes.buffer).setUint32(0, written);
  send(bytes.subarray(0, 4 + written));
}

for (;;) {
  const length = await connection.read(buffer.subarray(end));
  if (length === null) break;
  end += length;
  while (end - start >= 4) {
    const bodyLength = new DataView(buffer.buffer, start, 4).getUint32(0);
    if (end - start < 4 + bodyLength) {
      if (start + 4 + bodyLength > buffer.length) {
        const room = new Uint8Array(Math.max(1 << 16, 4 + bodyLength));
        room.set(buffer.subarray(start, end));
        buffer = room;
        end -= start;
        start = 0;
      }
      break;
    }
    answer(buffer.subarray(start + 4, start + 4 + bodyLength));
    start += 4 + bodyLength;
  }
  if (start === end) start = end = 0;
  else if (end === buffer.length) {
    buffer.copyWithin(0, start, end);
    end -= start;
    start = 0;
  }
}
Deno.exit(0);
