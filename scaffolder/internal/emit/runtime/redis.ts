/** Redis, where REDIS_URL is set: what several servers share. */
import { report } from "./log.js";

async function connect() {
  const url = process.env.REDIS_URL ?? "";
  if (url === "") {
    return undefined;
  }
  const { Redis } = await import("ioredis");
  const client = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
  });
  client.on("error", (thrown: Error) => {
    report("error", { message: "Redis cannot be reached", thrown });
  });
  return client;
}

/** The connection; undefined without REDIS_URL. */
export const redis = await connect();

/** Lets go of the connection. */
export function closeRedis(): void {
  redis?.disconnect();
}
