/** What the API can do, for people: /docs, and its description beside that. */
import type { Middleware } from "koa";
import { document, page, policy } from "./page.js";

/** Serves /docs and /docs/openapi.json. */
export const docs: Middleware = async (ctx, next) => {
  if (ctx.method !== "GET" || !/^\/docs(?:\/openapi\.json)?$/.test(ctx.path)) {
    await next();
    return;
  }
  if (ctx.path === "/docs") {
    ctx.set("Content-Security-Policy", policy);
    ctx.type = "html";
    ctx.body = page;
  } else {
    ctx.type = "json";
    ctx.body = document;
  }
};
