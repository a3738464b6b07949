/** What every request meets first. */
import helmet from "helmet";
import type { Middleware } from "koa";
import { shownBy } from "./adapter.js";
import { requestIdOf } from "./errors.js";
import { type Count, countLogins, countRequests } from "./limits.js";
import { report } from "./log.js";

/** Gives the request its id, and logs it when it is answered. */
export const requestId: Middleware = async (ctx, next) => {
  const id = requestIdOf(ctx.headers["x-request-id"]);
  const started = performance.now();
  const { method, path } = ctx;
  (ctx.state as { requestId: string }).requestId = id;
  ctx.set("X-Request-Id", id);
  ctx.res.on("finish", () => {
    const milliseconds = Math.round(performance.now() - started);
    report("info", {
      requestId: id,
      method,
      path,
      status: ctx.status,
      milliseconds,
    });
  });
  await next();
};

const setHeaders = helmet({
  contentSecurityPolicy: {
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
});

/** The headers that keep browsers from harm. */
export const headers: Middleware = async (ctx, next) => {
  await new Promise<void>((resolve, reject) => {
    setHeaders(ctx.req, ctx.res, (fault?: unknown) => {
      if (fault instanceof Error) {
        reject(fault);
      } else {
        resolve();
      }
    });
  });
  await next();
};

const origins = (process.env.CORS_ORIGINS ?? "")
  .split(",")
  .filter((origin) => origin !== "");

/** Lets pages of the origins in CORS_ORIGINS use the API; of no other ones. */
export const cors: Middleware = async (ctx, next) => {
  const origin = ctx.get("origin");
  if (!origins.includes(origin)) {
    await next();
    return;
  }
  ctx.set("Access-Control-Allow-Origin", origin);
  ctx.set("Access-Control-Expose-Headers", "X-Request-Id");
  ctx.vary("Origin");
  if (
    ctx.method !== "OPTIONS" ||
    ctx.get("access-control-request-method") === ""
  ) {
    await next();
    return;
  }
  ctx.set(
    "Access-Control-Allow-Methods",
    "GET, HEAD, POST, PUT, PATCH, DELETE",
  );
  ctx.set(
    "Access-Control-Allow-Headers",
    ctx.get("access-control-request-headers"),
  );
  ctx.set("Access-Control-Max-Age", "600");
  ctx.status = 204;
};

function limited(count: Count): Middleware {
  return async (ctx, next) => {
    ctx.set(await count(ctx.ip, shownBy(ctx)));
    await next();
  };
}

/** Refuses what is too much. */
export const limiter = limited(countRequests);

/** Refuses what is too much of operations that try passwords. */
export const limitLogins = limited(countLogins);
