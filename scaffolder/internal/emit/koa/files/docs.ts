/** What the API can do, for people: /docs, and its description beside that. */
import type { Middleware } from "koa";
import { document, page, policy } from "./page.js";

/** Shows the page, or the description where the path ends like that. */
export const showDocs: Middleware = (ctx) => {
  if (ctx.path.endsWith("/openapi.json")) {
    ctx.type = "json";
    ctx.body = document;
  } else {
    ctx.set("Content-Security-Policy", policy);
    ctx.type = "html";
    ctx.body = page;
  }
};

/** Serves /docs and /docs/openapi.json. */
export const docs: Middleware = async (ctx, next) => {
  if (ctx.method === "GET" && /^\/docs(?:\/openapi\.json)?$/.test(ctx.path)) {
    await showDocs(ctx, next);
  } else {
    await next();
  }
};
