/** Starts the application for the tests. */
import { createApp } from "../app.js";

/** Listens on a free port of this machine. */
export async function listen(): Promise<{
  address: string;
  close: () => Promise<void>;
}> {
  const app = await createApp();
  const address = await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    address,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}
