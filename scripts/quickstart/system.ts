// What a person writes once the server is generated: the logic of one operation.
import type { Handlers } from "../types.js";

/** GET /status */
export const getStatus: Handlers["getStatus"] = async () => ({
  status: 200,
  body: { status: "ok", uptimeSeconds: process.uptime() },
});
