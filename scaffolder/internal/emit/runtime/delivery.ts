/** Sends requests to others: webhooks and callbacks. */
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { toJson } from "./replies.js";

/** How a message is delivered. */
export interface Delivery {
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds until an attempt is given up; 10,000 when nothing is said. */
  timeout?: number;
  /**
   * Signs the message as Standard Webhooks does: Webhook-Id, Webhook-Timestamp
   * and Webhook-Signature, which is v1, and the HMAC-SHA256 of both and the body.
   */
  secret?: string | Uint8Array;
  /** How often it is tried again after 429, 5xx or no answer; 0 when nothing is said. */
  retries?: number;
  /** Milliseconds before it is tried again, doubled each time; 1,000 when nothing is said. */
  pause?: number;
}

/** The parts of a message. */
export interface Message {
  query?: object;
  headers?: object;
  body?: unknown;
}

function* entries(values: object = {}): Generator<[string, string]> {
  for (const [name, value] of Object.entries(values) as [string, unknown][]) {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (item !== undefined && item !== null) {
        yield [name, typeof item === "object" ? toJson(item) : String(item)];
      }
    }
  }
}

function sign(
  headers: Headers,
  id: string,
  secret: string | Uint8Array,
  body: string,
): void {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac("sha256", secret)
    .update(`${id}.${timestamp}.${body}`)
    .digest("base64");
  headers.set("Webhook-Id", id);
  headers.set("Webhook-Timestamp", timestamp);
  headers.set("Webhook-Signature", `v1,${signature}`);
}

/**
 * Sends one message, and returns the last answer whatever its status. Redirects
 * are not followed: where messages go is decided when a receiver is registered.
 */
export async function deliver(
  method: string,
  url: string | URL,
  contentType: string,
  message: Message,
  delivery: Delivery = {},
): Promise<Response> {
  const { headers = {}, timeout = 10_000, secret, retries = 0 } = delivery;
  const target = new URL(url);
  for (const [name, value] of entries(message.query)) {
    target.searchParams.append(name, value);
  }
  const sent = new Headers({ ...headers });
  for (const [name, value] of entries(message.headers)) {
    sent.set(name, value);
  }
  const request: RequestInit = { method, headers: sent, redirect: "manual" };
  let body = "";
  if (message.body !== undefined) {
    sent.set("Content-Type", contentType);
    body =
      /[/+]json\b/.test(contentType) || typeof message.body !== "string"
        ? toJson(message.body)
        : message.body;
    request.body = body;
  }
  const id = randomUUID(); // the same for every attempt, so that receivers can tell
  for (let attempt = 0; ; attempt++) {
    if (secret !== undefined) {
      sign(sent, id, secret, body);
    }
    const last = attempt >= retries;
    try {
      const signal = AbortSignal.timeout(timeout);
      const answer = await fetch(target, { ...request, signal });
      if (last || (answer.status !== 429 && answer.status < 500)) {
        return answer;
      }
      await answer.body?.cancel();
    } catch (thrown) {
      if (last) {
        throw thrown;
      }
    }
    await pause((delivery.pause ?? 1000) * 2 ** attempt);
  }
}
