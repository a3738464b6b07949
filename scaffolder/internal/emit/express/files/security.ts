/** What every request meets first. */
import type { RequestHandler } from "express";
import helmet from "helmet";
import { shownBy } from "./adapter.js";
import { requestIdOf } from "./errors.js";
import { type Count, countLogins, countRequests } from "./limits.js";
import { report } from "./log.js";

/** Gives the request its id, and logs it when it is answered. */
export const requestId: RequestHandler = (req, res, next) => {
  const id = requestIdOf(req.headers["x-request-id"]);
  const started = performance.now();
  res.locals.requestId = id;
  res.setHeader("X-Request-Id", id);
  res.on("finish", () => {
    const milliseconds = Math.round(performance.now() - started);
    report("info", {
      requestId: id,
      method: req.method,
      path: req.path,
      status: res.statusCode,
      milliseconds,
    });
  });
  next();
};

/** The headers that keep browsers from harm. */
export const headers: RequestHandler = helmet({
  contentSecurityPolicy: {
    directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  },
  strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
});

const origins = (process.env.CORS_ORIGINS ?? "")
  .split(",")
  .filter((origin) => origin !== "");

/** Lets pages of the origins in CORS_ORIGINS use the API; of no other ones. */
export const cors: RequestHandler = (req, res, next) => {
  const { origin } = req.headers;
  if (origin === undefined || !origins.includes(origin)) {
    next();
    return;
  }
  res.setHeader("Access-Control-Allow-Origin", origin);
  res.setHeader("Access-Control-Expose-Headers", "X-Request-Id");
  res.vary("Origin");
  if (
    req.method !== "OPTIONS" ||
    !req.headers["access-control-request-method"]
  ) {
    next();
    return;
  }
  res.setHeader(
    "Access-Control-Allow-Methods",
    "GET, HEAD, POST, PUT, PATCH, DELETE",
  );
  res.setHeader(
    "Access-Control-Allow-Headers",
    req.headers["access-control-request-headers"] ?? "",
  );
  res.setHeader("Access-Control-Max-Age", "600");
  res.status(204).end();
};

function limited(count: Count): RequestHandler {
  return async (req, res, next) => {
    res.set(await count(req.ip ?? "", shownBy(req)));
    next();
  };
}

/** Refuses what is too much. */
export const limiter = limited(countRequests);

/** Refuses what is too much of operations that try passwords. */
export const limitLogins = limited(countLogins);
