/** The application: what every request passes, in this order. */
import { type FastifyInstance, fastify } from "fastify";
import { body, notFound, onError } from "./middleware/adapter.js";
import { docs } from "./middleware/docs.js"; // docs
import { requestIdOf } from "./middleware/errors.js";
import { secure } from "./middleware/security.js";
import { routes } from "./routes/index.js";

/** Where the API is served, unless BASE_PATH says otherwise. */
const basePath = "__BASE_PATH__";

/** Builds the application, without listening. */
export async function createApp(): Promise<FastifyInstance> {
  const trusted = Number(process.env.TRUSTED_PROXIES ?? 0);
  const app = fastify({
    frameworkErrors: onError,
    genReqId: (request) => requestIdOf(request.headers["x-request-id"]),
    trustProxy: (_address: string, hop: number) => hop < trusted,
    routerOptions: { allowUnsafeRegex: true, maxParamLength: 16_384 },
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", body);
  app.setErrorHandler(onError);
  app.setNotFoundHandler(notFound);
  await secure(app);
  const prefix = process.env.BASE_PATH ?? basePath;
  await app.register(routes, { prefix: prefix === "/" ? "" : prefix });
  docs(app); // docs
  if (!app.hasRoute({ method: "GET", url: "/health" })) {
    app.get("/health", (request, reply) =>
      reply.send({ data: { status: "ok" }, meta: { requestId: request.id } }),
    );
  }
  return app;
}
