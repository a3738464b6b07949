/** Sends requests to others: webhooks and callbacks. */

/** How a message is delivered. */
export interface Delivery {
  headers?: Readonly<Record<string, string>>;
  /** Milliseconds until an attempt is given up; 10,000 when nothing is said. */
  timeout?: number;
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
        yield [
          name,
          typeof item === "object" ? JSON.stringify(item) : String(item),
        ];
      }
    }
  }
}

/**
 * Sends one message, and returns the answer whatever its status. Redirects are
 * not followed: where messages go is decided when a receiver is registered.
 */
export async function deliver(
  method: string,
  url: string | URL,
  contentType: string,
  message: Message,
  { headers = {}, timeout = 10_000 }: Delivery = {},
): Promise<Response> {
  const target = new URL(url);
  for (const [name, value] of entries(message.query)) {
    target.searchParams.append(name, value);
  }
  const sent = new Headers({ ...headers });
  for (const [name, value] of entries(message.headers)) {
    sent.set(name, value);
  }
  const request: RequestInit = {
    method,
    headers: sent,
    redirect: "manual",
    signal: AbortSignal.timeout(timeout),
  };
  if (message.body !== undefined) {
    sent.set("Content-Type", contentType);
    request.body =
      /[/+]json\b/.test(contentType) || typeof message.body !== "string"
        ? JSON.stringify(message.body)
        : message.body;
  }
  return fetch(target, request);
}
