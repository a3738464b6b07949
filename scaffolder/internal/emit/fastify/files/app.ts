/** The application: what every request passes, in this order. */
import { type FastifyInstance, fastify } from "fastify";
import { notFound, onError } from "./middleware/adapter.js";
import { errorOf, requestIdOf } from "./middleware/errors.js";
import { secure } from "./middleware/security.js";
import { routes } from "./routes/index.js";

/** Builds the application, without listening. */
export async function createApp(): Promise<FastifyInstance> {
  const trusted = Number(process.env.TRUSTED_PROXIES ?? 0);
  const app = fastify({
    bodyLimit: Number(process.env.BODY_LIMIT_BYTES ?? 1_048_576),
    frameworkErrors: onError,
    genReqId: (request) => requestIdOf(request.headers["x-request-id"]),
    trustProxy: (_address: string, hop: number) => hop < trusted,
    routerOptions: { allowUnsafeRegex: true, maxParamLength: 16_384 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "*",
    { parseAs: "buffer" },
    (request, body, done) => {
      const { "content-encoding": encoding = "identity" } = request.headers;
      done(encoding === "identity" ? null : errorOf(415), body);
    },
  );
  app.setErrorHandler(onError);
  app.setNotFoundHandler(notFound);
  await secure(app);
  const prefix = process.env.BASE_PATH ?? "__BASE_PATH__";
  await app.register(routes, { prefix: prefix === "/" ? "" : prefix });
  if (!app.hasRoute({ method: "GET", url: "/health" })) {
    app.get("/health", (request, reply) =>
      reply.send({ data: { status: "ok" }, meta: { requestId: request.id } }),
    );
  }
  return app;
}
