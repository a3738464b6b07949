/** What stands between Fastify and the handlers. */
import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestAsyncHookHandler,
  preHandlerAsyncHookHandler,
  RouteHandlerMethod,
} from "fastify";
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
  request: FastifyRequest;
  reply: FastifyReply;
}

const principals = new WeakMap<FastifyRequest, readonly Principal[]>();
const valid = new WeakMap<FastifyRequest, ValidRequest>();

function queryOf(request: FastifyRequest): string {
  const at = request.url.indexOf("?");
  return at < 0 ? "" : request.url.slice(at + 1);
}

/** What a request shows of who sent it. */
export function shownBy(request: FastifyRequest): Shown {
  const { socket } = request.raw;
  const clientCertificate =
    "authorized" in socket && socket.authorized === true;
  const query = queryOf(request);
  return { headers: request.headers, query, clientCertificate };
}

/** Lets requests through whose sender proves one of the alternatives. */
export function authorize(
  needs: Needs,
  check?: Check,
): onRequestAsyncHookHandler {
  return async (request) => {
    const found = await prove(schemes, needs, shownBy(request));
    check?.(found);
    principals.set(request, found);
  };
}

const limit = Number(process.env.BODY_LIMIT_BYTES ?? 1_048_576);

/**
 * Reads the body, whatever its type, up to BODY_LIMIT_BYTES. The rest is read
 * too, and dropped: who is cut off while writing sees no answer.
 */
export async function body(
  request: FastifyRequest,
  payload: AsyncIterable<unknown>,
): Promise<Buffer> {
  const { "content-encoding": encoding = "identity" } = request.headers;
  if (encoding !== "identity") {
    throw errorOf(415, { "Accept-Encoding": "identity" });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of payload) {
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

/** Lets valid requests through. Names are the path's parameters, where the route calls them otherwise. */
export function validate(
  validator: RequestValidator,
  names: Readonly<Record<string, string>> = {},
): preHandlerAsyncHookHandler {
  return (request) => {
    const path = renamed(request.params as Record<string, unknown>, names);
    // The router takes an empty segment for a parameter, unlike OpenAPI.
    if (Object.keys(validator.path ?? {}).some((name) => path[name] === "")) {
      throw errorOf(404);
    }
    const { body } = request;
    valid.set(
      request,
      readRequest(validator, {
        path,
        query: queryOf(request),
        headers: request.headers,
        body: Buffer.isBuffer(body) ? body : undefined,
      }),
    );
    return Promise.resolve();
  };
}

/** Says that the operation will go away: since when, and on which day. */
export function deprecated(
  since: string,
  sunset?: string,
): onRequestAsyncHookHandler {
  return async (_request, reply) => {
    reply.header("Deprecation", since);
    if (sunset !== undefined) {
      reply.header("Sunset", sunset);
    }
    await Promise.resolve();
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
): RouteHandlerMethod {
  return async (request, reply) => {
    const proved = principals.get(request) ?? [];
    const answer = async (): Promise<AnyReply> => {
      // The validator of the operation has made sure of the type.
      const found = await handler(valid.get(request) as Valid, {
        requestId: request.id,
        url: request.originalUrl,
        principals: proved,
        request,
        reply,
      });
      if (replies) {
        checkReply(replies, found);
      }
      return found;
    };
    const asked = {
      method: request.method,
      url: request.originalUrl,
      headers: request.headers,
      body: Buffer.isBuffer(request.body) ? request.body : undefined,
      address: request.ip,
      requestId: request.id,
      principals: proved,
    };
    return send(reply, await around(asked, answer), request.id);
  };
}

function send(
  reply: FastifyReply,
  answer: AnyReply,
  requestId: string,
): FastifyReply {
  reply.code(answer.status);
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (value !== undefined) {
      reply.header(name, String(value));
    }
  }
  if (isUnchanged(reply)) {
    return reply.code(304).send();
  }
  if ("data" in answer) {
    const meta = { ...answer.meta, requestId };
    return json(reply, { data: answer.data ?? null, meta });
  }
  const { body, contentType } = answer;
  if (body === undefined) {
    return reply.send();
  }
  if (contentType !== undefined) {
    reply.header("Content-Type", contentType);
  }
  if (body instanceof Uint8Array) {
    return reply.send(Buffer.from(body));
  }
  if (
    typeof body === "object" &&
    body !== null &&
    Symbol.asyncIterator in body
  ) {
    return reply.send(Readable.from(body as AsyncIterable<unknown>));
  }
  if (isJson(contentType)) {
    return json(reply, body, contentType);
  }
  return reply.send(typeof body === "string" ? body : toJson(body));
}

/** Whether the client has what would be answered, by its If-None-Match. */
function isUnchanged(reply: FastifyReply): boolean {
  const { method, headers } = reply.request;
  const held = headers["if-none-match"];
  const tag = String(reply.getHeader("etag") ?? "").replace(/^W\//, "");
  if (!held || !tag || reply.statusCode >= 300) {
    return false;
  }
  const tags: string[] = held.match(/"[^"]*"/g) ?? [];
  return (
    (method === "GET" || method === "HEAD") &&
    (held.trim() === "*" || tags.includes(tag))
  );
}

function json(
  reply: FastifyReply,
  body: unknown,
  type = "application/json; charset=utf-8",
): FastifyReply {
  return reply.header("Content-Type", type).send(toJson(body));
}

/** Answers the methods that a path does not have. */
export function methodNotAllowed(
  app: FastifyInstance,
  url: string,
  allow: string,
): void {
  const allowed = allow.split(", ");
  const rest = app.supportedMethods.filter(
    (method) => !allowed.includes(method),
  );
  if (rest.length > 0) {
    app.route({
      method: rest,
      url,
      onRequest: () => {
        throw errorOf(405, { Allow: allow });
      },
      handler: () => undefined,
    });
  }
}

/** Answers paths that are not there. */
export function notFound(): never {
  throw errorOf(404);
}

/** Answers every error in the envelope. */
export function onError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const requestId = request.id;
  const answer = failure(thrown, requestId);
  if (answer.status === 500) {
    report("error", { requestId, method: request.method, thrown });
  }
  return json(reply.code(answer.status).headers(answer.headers), answer.body);
}
