/** Listens on HOST and PORT, and stops when asked to. */
import "./env.js";
import { createApp } from "./app.js";
import { closeLimits } from "./middleware/limits.js";
import { report } from "./middleware/log.js";

const port = Number(process.env.PORT ?? 3000);
const host = process.env.HOST ?? "127.0.0.1";

const server = createApp().listen(port, host);
server.once("listening", () => {
  report("info", { message: "listening", host, port });
});
server.once("error", (thrown) => {
  report("error", { message: "cannot listen", host, port, thrown });
  process.exitCode = 1;
});

function stop(signal: string): void {
  report("info", { message: "stopping", signal });
  closeLimits();
  server.close();
  server.closeIdleConnections();
  setTimeout(() => {
    server.closeAllConnections();
  }, 10_000).unref();
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
