// The child that vscode-jsonrpc's rows call: connects to the socket and echoes.
import { createMessageConnection, SocketMessageReader, SocketMessageWriter } from "vscode-jsonrpc/node";
import { connect } from "node:net";

const socket = connect(process.argv[2]);
const connection = createMessageConnection(new SocketMessageReader(socket), new SocketMessageWriter(socket));
connection.onRequest("answer", (value) => value);
connection.onClose(() => process.exit(0));
connection.listen();
