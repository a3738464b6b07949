/** Starts the application for the tests. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createApp } from "../app.js";

/** Listens on a free port of this machine. */
export async function listen(): Promise<{
  address: string;
  close: () => Promise<void>;
}> {
  const server = createApp().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
