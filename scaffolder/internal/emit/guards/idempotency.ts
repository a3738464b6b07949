/**
 * Does once what is asked for several times with the same Idempotency-Key, as
 * draft-ietf-httpapi-idempotency-key-header has it: the first answer is kept
 * and given again.
 */
import { createHash } from "node:crypto";
import { ApiError, failure } from "./errors.js";
import { type Kept, type Store, store } from "./keys.js";
import { report } from "./log.js";
import {
  type AnyReply,
  type Around,
  type Asked,
  isJson,
  toJson,
} from "./replies.js";

/** Answers that say nothing about the work: a retry does it again. */
const passing = [408, 425, 429];
const json = "application/json; charset=utf-8";

/** The key: a string as the draft has it, or as it is. Throws ApiError 400. */
function keyOf({ headers }: Asked): string | undefined {
  const given = headers["idempotency-key"];
  if (given === undefined) {
    return undefined;
  }
  const text = String(given).trim();
  const [, quoted] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(text) ?? [];
  const key = quoted?.replace(/\\(.)/g, "$1") ?? text;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw refusal("Must be 1 to 255 visible characters");
  }
  return key;
}

function refusal(message: string): ApiError {
  const details = [{ field: "Idempotency-Key", message }];
  const text = "The request cannot be understood";
  return new ApiError(400, "BAD_REQUEST", text, details);
}

function digest(...parts: (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    hash.update(`${part.length}:`).update(part);
  }
  return hash.digest("base64url");
}

/** Keys of one caller are not those of another; strangers are told by address. */
function nameOf(asked: Asked, key: string): string {
  const callers = asked.principals.map(({ scheme, id }) => `${scheme}:${id}`);
  return digest(key, ...(callers.length > 0 ? callers : [asked.address]));
}

function fingerprintOf({ method, url, headers, body }: Asked): string {
  const type = String(headers["content-type"] ?? "");
  return digest(method, url, type, body ?? "");
}

/** An answer as it goes out, so that it can go out again. */
async function kept(reply: AnyReply, requestId: string): Promise<Kept> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    if (value !== undefined) {
      headers[name] = String(value);
    }
  }
  const { status, contentType: type = json } = reply;
  if ("data" in reply) {
    const meta = { ...reply.meta, requestId };
    const envelope = { data: reply.data ?? null, meta };
    const body = Buffer.from(toJson(envelope));
    return { status, headers, type: json, body };
  }
  const { body } = reply;
  if (body === undefined) {
    return { status, headers };
  }
  return { status, headers, type, body: await bytesOf(body, type) };
}

async function bytesOf(body: unknown, type: string): Promise<Buffer> {
  if (body instanceof Uint8Array) {
    return Buffer.from(body);
  }
  if (typeof body === "object" && body && Symbol.asyncIterator in body) {
    const chunks: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<string | Uint8Array>) {
      chunks.push(Buffer.from(chunk as Uint8Array));
    }
    return Buffer.concat(chunks);
  }
  const plain = typeof body === "string" && !isJson(type);
  return Buffer.from(plain ? body : toJson(body));
}

function sent(answer: Kept, headers: Record<string, string> = {}): AnyReply {
  return {
    status: answer.status,
    headers: { ...answer.headers, ...headers },
    ...(answer.type === undefined ? {} : { contentType: answer.type }),
    ...(answer.body === undefined ? {} : { body: answer.body }),
  };
}

/** Waits for the store; without it nothing is done, since it might be done twice. */
async function reached<T>(wanted: Promise<T>): Promise<T> {
  return wanted.catch((thrown: unknown) => {
    report("error", { message: "the keys cannot be reached", thrown });
    const message = "Keys cannot be checked now: try again later";
    throw new ApiError(503, "UNAVAILABLE", message, [], { "Retry-After": "1" });
  });
}

/** What is kept of an answer; undefined when a retry has to do the work again. */
async function answered(
  answer: () => Promise<AnyReply>,
  requestId: string,
): Promise<[AnyReply, Kept | undefined]> {
  let result: Kept;
  try {
    result = await kept(await answer(), requestId);
  } catch (thrown) {
    const { status, headers, body } = failure(thrown, requestId);
    if (status >= 500 || passing.includes(status)) {
      throw thrown;
    }
    const text = Buffer.from(JSON.stringify(body));
    result = { status, headers, type: json, body: text };
  }
  const again = result.status >= 500 || passing.includes(result.status);
  return [sent(result), again ? undefined : result];
}

async function first(
  keys: Store,
  name: string,
  fingerprint: string,
  work: Promise<[AnyReply, Kept | undefined]>,
): Promise<AnyReply> {
  let answer: Kept | undefined;
  try {
    const [reply, keep] = await work;
    answer = keep;
    return reply;
  } finally {
    // The work is done: what the store says cannot undo it.
    const noted = answer
      ? keys.finish(name, fingerprint, answer)
      : keys.drop(name);
    await noted.catch((thrown: unknown) => {
      report("error", { message: "an answer was not kept", thrown });
    });
  }
}

function doing(required: boolean): Around {
  return async (asked, answer) => {
    const key = keyOf(asked);
    if (key === undefined) {
      if (required) {
        throw refusal("Required");
      }
      return answer();
    }
    const name = nameOf(asked, key);
    const fingerprint = fingerprintOf(asked);
    const found = await reached(store.begin(name, fingerprint));
    if (!found) {
      const work = answered(answer, asked.requestId);
      return first(store, name, fingerprint, work);
    }
    if (found.fingerprint !== fingerprint) {
      const message = "The key was used for another request";
      throw new ApiError(422, "IDEMPOTENCY_KEY_REUSED", message);
    }
    if (!found.answer) {
      const message = "The first request with this key is still being answered";
      const headers = { "Retry-After": "1" };
      throw new ApiError(409, "REQUEST_IN_PROGRESS", message, [], headers);
    }
    return sent(found.answer, { "Idempotent-Replayed": "true" });
  };
}

/** Does once what comes with a key, and as often as it comes what has none. */
export const once = doing(false);

/** Refuses with 400 what has no key. */
export const onceWithKey = doing(true);
