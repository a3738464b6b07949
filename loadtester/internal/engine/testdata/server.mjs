// An HTTP server of Node's in each protocol, for the tests: the arguments are the PEM
// files of its certificate and key. Prints the ports of HTTP/1.1, HTTPS (both protocols)
// and HTTP/2 in the clear. Answers how many bytes it was sent, in pieces.
import { readFileSync } from "node:fs";
import http from "node:http";
import http2 from "node:http2";

const [cert, key] = process.argv.slice(2, 4).map((path) => readFileSync(path));
const handle = (request, response) => {
  let size = 0;
  request.on("data", (piece) => (size += piece.length));
  request.on("end", () => {
    if (request.url === "/missing") {
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("no");
      return;
    }
    response.setHeader("x-size", String(size));
    response.write("a".repeat(20000));
    setImmediate(() => response.end("b".repeat(20000)));
  });
};
const servers = [
  http.createServer(handle),
  http2.createSecureServer({ cert, key, allowHTTP1: true }, handle),
  http2.createServer(handle),
];
const ports = [];
servers[0].keepAliveTimeout = 0; // a busy machine may leave a connection idle for long
for (const server of servers) {
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  ports.push(server.address().port);
}
console.log(ports.join(" "));
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
