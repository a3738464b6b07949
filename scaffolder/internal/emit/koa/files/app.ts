/** The application: what every request passes, in this order. */
import Koa from "koa";
import { notFound, onError } from "./middleware/adapter.js";
import { docs } from "./middleware/docs.js"; // docs
import { cors, headers, limiter, requestId } from "./middleware/security.js";
import { routes } from "./routes/index.js";

/** Where the API is served, unless BASE_PATH says otherwise. */
const basePath = "__BASE_PATH__";

/** Builds the application, without listening. */
export function createApp(): Koa {
  const trusted = Number(process.env.TRUSTED_PROXIES ?? 0);
  const app = new Koa({ proxy: trusted > 0, maxIpsCount: trusted });
  const base = (process.env.BASE_PATH ?? basePath).replace(/\/$/, "");
  const serve = routes().routes();
  app.use(requestId).use(onError).use(headers).use(cors).use(limiter);
  app.use(async (ctx, next) => {
    const { path } = ctx;
    if (!path.startsWith(`${base}/`)) {
      await next();
      return;
    }
    ctx.path = path.slice(base.length);
    await serve(ctx as Parameters<typeof serve>[0], async () => {
      ctx.path = path;
      await next();
    });
  });
  app.use(async (ctx, next) => {
    if (ctx.path !== "/health") {
      await next();
      return;
    }
    const { requestId } = ctx.state as { requestId: string };
    ctx.body = { data: { status: "ok" }, meta: { requestId } };
  });
  app.use(docs); // docs
  return app.use(notFound);
}
