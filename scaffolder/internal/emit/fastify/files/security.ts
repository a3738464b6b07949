/** What every request meets first. */
import helmet from "@fastify/helmet";
import type { FastifyInstance, onRequestAsyncHookHandler } from "fastify";
import { shownBy } from "./adapter.js";
import { type Count, countLogins, countRequests } from "./limits.js";
import { report } from "./log.js";

const origins = (process.env.CORS_ORIGINS ?? "")
  .split(",")
  .filter((origin) => origin !== "");

/** Logs, and sets headers and limits, for every request. */
export async function secure(app: FastifyInstance): Promise<void> {
  app.addHook("onRequest", async (request, reply) => {
    reply.header("X-Request-Id", request.id);
    await Promise.resolve();
  });
  app.addHook("onResponse", async (request, reply) => {
    const milliseconds = Math.round(reply.elapsedTime);
    const [path] = request.url.split("?", 1);
    report("info", {
      requestId: request.id,
      method: request.method,
      path,
      status: reply.statusCode,
      milliseconds,
    });
    await Promise.resolve();
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
    strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
  });
  cors(app);
  app.addHook("onRequest", limited(countRequests));
}

/** Refuses what is too much. */
function limited(count: Count): onRequestAsyncHookHandler {
  return async (request, reply) => {
    reply.headers(await count(request.ip, shownBy(request)));
  };
}

/** Refuses what is too much of operations that try passwords. */
export const limitLogins = limited(countLogins);

/** Lets pages of the origins in CORS_ORIGINS use the API; of no other ones. */
function cors(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) {
      return;
    }
    reply.header("Access-Control-Allow-Origin", origin);
    reply.header("Access-Control-Expose-Headers", "X-Request-Id");
    reply.header("Vary", "Origin");
    if (
      request.method === "OPTIONS" &&
      request.headers["access-control-request-method"]
    ) {
      reply.header(
        "Access-Control-Allow-Methods",
        "GET, HEAD, POST, PUT, PATCH, DELETE",
      );
      reply.header(
        "Access-Control-Allow-Headers",
        request.headers["access-control-request-headers"] ?? "",
      );
      reply.header("Access-Control-Max-Age", "600");
      await reply.code(204).send();
    }
  });
}
