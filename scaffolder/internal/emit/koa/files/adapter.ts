/** What stands between Koa and the handlers. */
import type { RouterContext } from "@koa/router";
import type { Context as KoaContext, Middleware, Next } from "koa";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
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
  ctx: RouterContext;
}

/** What the steps before a handler leave for those after them. */
interface State {
  requestId: string;
  principals?: readonly Principal[];
  body?: Buffer;
  request?: ValidRequest;
}

type Step = (ctx: RouterContext, next: Next) => Promise<void>;

function state(ctx: { state: unknown }): State {
  return ctx.state as State;
}

/** What a request shows of who sent it. */
export function shownBy(ctx: KoaContext | RouterContext): Shown {
  const { socket } = ctx.req;
  const clientCertificate =
    "authorized" in socket && socket.authorized === true;
  return { headers: ctx.headers, query: ctx.querystring, clientCertificate };
}

/** Lets requests through whose sender proves one of the alternatives. */
export function authorize(needs: Needs, check?: Check): Step {
  return async (ctx, next) => {
    const principals = await prove(schemes, needs, shownBy(ctx));
    check?.(principals);
    state(ctx).principals = principals;
    await next();
  };
}

const limit = Number(process.env.BODY_LIMIT_BYTES ?? 1_048_576);

/** Reads the body, whatever its type, up to BODY_LIMIT_BYTES. */
export const body: Step = async (ctx, next) => {
  const encoding = ctx.get("content-encoding");
  if (encoding !== "" && encoding !== "identity") {
    throw errorOf(415, { "Accept-Encoding": "identity" });
  }
  state(ctx).body = await read(ctx.req);
  await next();
};

/** Reads all, keeps up to the limit: who is cut off while writing sees no answer. */
async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size <= limit) {
      chunks.push(bytes);
    }
  }
  if (size > limit) {
    throw errorOf(413);
  }
  return Buffer.concat(chunks);
}

/** What the groups of an expression have caught, by their numbers. */
function capturesOf(ctx: Parameters<Step>[0]): Record<string, unknown> {
  return Object.fromEntries(
    (ctx.captures ?? []).map((text, index) => [String(index), decoded(text)]),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // as the router leaves it
  }
}

/** Lets valid requests through. Names are the path's parameters, where the route calls them otherwise. */
export function validate(
  validator: RequestValidator,
  names: Readonly<Record<string, string>> = {},
): Step {
  return async (ctx, next) => {
    state(ctx).request = readRequest(validator, {
      path: renamed({ ...capturesOf(ctx), ...ctx.params }, names),
      query: ctx.querystring,
      headers: ctx.headers,
      body: state(ctx).body,
    });
    await next();
  };
}

/** Says that the operation will go away: since when, and on which day. */
export function deprecated(since: string, sunset?: string): Step {
  return async (ctx, next) => {
    ctx.set("Deprecation", since);
    if (sunset !== undefined) {
      ctx.set("Sunset", sunset);
    }
    await next();
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
): Step {
  return async (ctx) => {
    const { request, requestId, principals = [], body } = state(ctx);
    const answer = async (): Promise<AnyReply> => {
      // The validator of the operation has made sure of the type.
      const reply = await handler(request as Valid, {
        requestId,
        url: ctx.originalUrl,
        principals,
        ctx,
      });
      if (replies) {
        checkReply(replies, reply);
      }
      return reply;
    };
    const asked = {
      method: ctx.method,
      url: ctx.originalUrl,
      headers: ctx.headers,
      body,
      address: ctx.ip,
      requestId,
      principals,
    };
    send(ctx, await around(asked, answer), requestId);
    if (ctx.fresh) {
      ctx.status = 304;
    }
  };
}

function send(ctx: RouterContext, reply: AnyReply, requestId: string): void {
  ctx.status = reply.status;
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    if (value !== undefined) {
      ctx.set(name, String(value));
    }
  }
  const { body, contentType } = reply;
  if ("data" in reply) {
    const meta = { ...reply.meta, requestId };
    json(ctx, { data: reply.data ?? null, meta });
    return;
  }
  if (body === undefined) {
    ctx.body = null;
    ctx.status = reply.status;
    return;
  }
  if (body instanceof Uint8Array) {
    ctx.body = Buffer.from(body);
  } else if (
    typeof body === "object" &&
    body !== null &&
    Symbol.asyncIterator in body
  ) {
    ctx.body = Readable.from(body as AsyncIterable<unknown>);
  } else if (isJson(contentType)) {
    json(ctx, body);
  } else {
    ctx.body = typeof body === "string" ? body : toJson(body);
  }
  if (contentType !== undefined) {
    ctx.set("Content-Type", contentType);
  }
}

function json(ctx: KoaContext | RouterContext, value: unknown): void {
  ctx.body = toJson(value);
  ctx.set("Content-Type", "application/json; charset=utf-8");
}

/** Answers the methods that a path does not have. */
export function methodNotAllowed(allow: string): Step {
  return () => {
    throw errorOf(405, { Allow: allow });
  };
}

/** Answers paths that are not there. */
export const notFound: Middleware = () => {
  throw errorOf(404);
};

/** Answers every error in the envelope. */
export const onError: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (thrown) {
    const { requestId } = state(ctx);
    const answer = failure(thrown, requestId);
    if (answer.status === 500) {
      report("error", { requestId, method: ctx.method, thrown });
    }
    ctx.status = answer.status;
    ctx.set(answer.headers);
    json(ctx, answer.body);
  }
};
