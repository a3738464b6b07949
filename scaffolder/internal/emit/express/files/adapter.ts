/** What stands between Express and the handlers. */
import type { NextFunction, Request, RequestHandler, Response } from "express";
import express from "express";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { schemes } from "./auth.js";
import {
  type Check,
  type Needs,
  type Principal,
  prove,
  type Shown,
} from "./credentials.js";
import { errorOf, failure } from "./errors.js";
import { report } from "./log.js";
import {
  type AnyReply,
  type Around,
  checkReply,
  isJson,
  type ReplyValidator,
  toJson,
} from "./replies.js";
import {
  readRequest,
  renamed,
  type RequestValidator,
  type ValidRequest,
} from "./request.js";

/** What a handler may need beside the valid request. */
export interface Context {
  requestId: string;
  /** Path and query as they were sent. */
  url: string;
  /** Who is asking; empty where no credentials are needed. */
  principals: readonly Principal[];
  req: Request;
  res: Response;
}

interface Locals {
  requestId: string;
  principals?: readonly Principal[];
  request?: ValidRequest;
}

function locals(res: Response): Locals {
  return res.locals as Locals;
}

function queryOf(req: Request): string {
  const at = req.originalUrl.indexOf("?");
  return at < 0 ? "" : req.originalUrl.slice(at + 1);
}

/** What a request shows of who sent it. */
export function shownBy(req: Request): Shown {
  const { socket } = req;
  const clientCertificate =
    "authorized" in socket && socket.authorized === true;
  return { headers: req.headers, query: queryOf(req), clientCertificate };
}

/** Lets requests through whose sender proves one of the alternatives. */
export function authorize(needs: Needs, check?: Check): RequestHandler {
  return async (req, res, next) => {
    const principals = await prove(schemes, needs, shownBy(req));
    check?.(principals);
    locals(res).principals = principals;
    next();
  };
}

const limit = Number(process.env.BODY_LIMIT_BYTES ?? 1_048_576);

/** Reads the body, whatever its type, up to BODY_LIMIT_BYTES. */
export const body: RequestHandler = express.raw({ type: () => true, limit });

/** Lets valid requests through. Names are the path's parameters, where the route calls them otherwise. */
export function validate(
  validator: RequestValidator,
  names: Readonly<Record<string, string>> = {},
): RequestHandler {
  return (req, res, next) => {
    const received: unknown = req.body;
    locals(res).request = readRequest(validator, {
      path: renamed(req.params, names),
      query: queryOf(req),
      headers: req.headers,
      body: Buffer.isBuffer(received) ? received : undefined,
    });
    next();
  };
}

/** Says that the operation will go away: since when, and on which day. */
export function deprecated(since: string, sunset?: string): RequestHandler {
  return (_req, res, next) => {
    res.setHeader("Deprecation", since);
    if (sunset !== undefined) {
      res.setHeader("Sunset", sunset);
    }
    next();
  };
}

/**
 * Answers with what the handler returns; with replies, only what is described.
 * What stands around it may answer in its place.
 */
export function handle<Valid, Reply extends AnyReply>(
  handler: (request: Valid, context: Context) => Promise<Reply>,
  replies?: ReplyValidator,
  around: Around = (_asked, answer) => answer(),
): RequestHandler {
  return async (req, res) => {
    const { request, requestId, principals = [] } = locals(res);
    const answer = async (): Promise<AnyReply> => {
      // The validator of the operation has made sure of the type.
      const reply = await handler(request as Valid, {
        requestId,
        url: req.originalUrl,
        principals,
        req,
        res,
      });
      if (replies) {
        checkReply(replies, reply);
      }
      return reply;
    };
    const received: unknown = req.body;
    const asked = {
      method: req.method,
      url: req.originalUrl,
      headers: req.headers,
      body: Buffer.isBuffer(received) ? received : undefined,
      address: req.ip ?? "",
      requestId,
      principals,
    };
    await send(res, await around(asked, answer), requestId);
  };
}

async function send(
  res: Response,
  reply: AnyReply,
  requestId: string,
): Promise<void> {
  res.status(reply.status);
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    if (value !== undefined) {
      res.setHeader(name, String(value));
    }
  }
  if ("data" in reply) {
    const meta = { ...reply.meta, requestId };
    json(res, { data: reply.data ?? null, meta });
    return;
  }
  if (reply.body === undefined) {
    res.end();
    return;
  }
  if (reply.contentType !== undefined) {
    res.setHeader("Content-Type", reply.contentType);
  }
  const { body } = reply;
  if (body instanceof Uint8Array) {
    res.end(body);
  } else if (
    typeof body === "object" &&
    body !== null &&
    Symbol.asyncIterator in body
  ) {
    await pipeline(Readable.from(body as AsyncIterable<unknown>), res);
  } else if (isJson(reply.contentType)) {
    json(res, reply.body);
  } else {
    res.end(typeof reply.body === "string" ? reply.body : toJson(reply.body));
  }
}

function json(res: Response, value: unknown): void {
  if (!res.hasHeader("Content-Type")) {
    res.type("json");
  }
  res.send(toJson(value));
}

/** Answers the methods that a path does not have. */
export function methodNotAllowed(allow: string): RequestHandler {
  return () => {
    throw errorOf(405, { Allow: allow });
  };
}

/** Answers paths that are not there. */
export const notFound: RequestHandler = () => {
  throw errorOf(404);
};

/** Answers every error in the envelope. */
export function onError(
  thrown: unknown,
  req: Request,
  res: Response,
  next: NextFunction,
): void {
  const { requestId } = locals(res);
  const answer = failure(thrown, requestId);
  if (answer.status === 500) {
    report("error", { requestId, method: req.method, thrown });
  }
  if (res.headersSent) {
    next(thrown);
    return;
  }
  res.status(answer.status).set(answer.headers).json(answer.body);
}
