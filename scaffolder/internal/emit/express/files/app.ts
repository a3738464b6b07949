/** The application: what every request passes, in this order. */
import express, { type Express } from "express";
import { notFound, onError } from "./middleware/adapter.js";
import { docs } from "./middleware/docs.js"; // docs
import { cors, headers, limiter, requestId } from "./middleware/security.js";
import { routes } from "./routes/index.js";

/** Where the API is served, unless BASE_PATH says otherwise. */
const basePath = "__BASE_PATH__";

/** Builds the application, without listening. */
export function createApp(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", false);
  app.set("trust proxy", Number(process.env.TRUSTED_PROXIES ?? 0));
  app.use(requestId, headers, cors, limiter);
  app.use(process.env.BASE_PATH ?? basePath, routes());
  app.get("/health", (_req, res) => {
    res.json({
      data: { status: "ok" },
      meta: { requestId: String(res.locals.requestId) },
    });
  });
  app.use(docs); // docs
  app.use(notFound, onError);
  return app;
}
