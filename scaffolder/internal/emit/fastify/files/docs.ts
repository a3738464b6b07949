/** What the API can do, for people: /docs, and its description beside that. */
import type { FastifyInstance } from "fastify";
import { document, page, policy } from "./page.js";

/** Serves /docs and /docs/openapi.json, where the API has nothing else there. */
export function docs(app: FastifyInstance): void {
  if (app.hasRoute({ method: "GET", url: `${app.prefix}/docs` })) {
    return;
  }
  app.get("/docs", (_request, reply) =>
    reply
      .header("Content-Security-Policy", policy)
      .type("text/html; charset=utf-8")
      .send(page),
  );
  app.get("/docs/openapi.json", (_request, reply) =>
    reply.type("application/json; charset=utf-8").send(document),
  );
}
