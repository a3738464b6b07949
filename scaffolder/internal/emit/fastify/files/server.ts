/** Listens on HOST and PORT, and stops when asked to. */
import "./env.js";
import { createApp } from "./app.js";
import { closeLimits } from "./middleware/limits.js";
import { report } from "./middleware/log.js";

const port = Number(process.env.PORT ?? 3000);
const host = process.env.HOST ?? "127.0.0.1";

const app = await createApp();
try {
  await app.listen({ port, host });
  report("info", { message: "listening", host, port });
} catch (thrown) {
  report("error", { message: "cannot listen", host, port, thrown });
  process.exitCode = 1;
}

function stop(signal: string): void {
  report("info", { message: "stopping", signal });
  closeLimits();
  void app.close();
  setTimeout(() => {
    app.server.closeAllConnections();
  }, 10_000).unref();
}

process.once("SIGTERM", stop);
process.once("SIGINT", stop);
