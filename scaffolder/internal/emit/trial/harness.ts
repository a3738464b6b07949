/** Starts the application on a free port, and sends it requests. */
import assert from "node:assert/strict";
import { createHash, generateKeyPairSync } from "node:crypto";
import { after } from "node:test";
import { SignJWT } from "jose";
import { schemes } from "./schemes.js";

const secret = "a-secret-of-the-tests";
const issuer = "https://issuer.test";
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

// The application reads its settings when it is imported.
process.env.BASE_PATH = "/";
process.env.LOG_LEVEL = "error";
process.env.RATE_LIMIT = "1000000";
process.env.LOGIN_RATE_LIMIT = "1000000";
delete process.env.REDIS_URL;
for (const { setting } of schemes) {
  process.env[`${setting}_SHA256`] =
    `${sha256(secret)},${sha256(`me:${secret}`)}`;
  process.env[`${setting}_ISSUER`] = issuer;
  process.env[`${setting}_AUDIENCE`] = "tests";
  process.env[`${setting}_ALGORITHM`] = "RS256";
  process.env[`${setting}_JWKS_URL`] = "";
  process.env[`${setting}_PUBLIC_KEY`] = keys.publicKey
    .export({ type: "spki", format: "pem" })
    .toString();
}

const { listen } = await import("./listen.js");
const server = await listen();
after(() => server.close());

/** A request; as names the security schemes that prove who is asking, with their scopes. */
export interface Sent {
  method: string;
  path: string;
  headers?: Readonly<Record<string, string>> | undefined;
  /** A body that is sent as JSON. */
  json?: unknown;
  /** A body that is sent as it is. */
  body?: string | undefined;
  as?: Readonly<Record<string, readonly string[]>> | undefined;
}

async function token(scopes: readonly string[]): Promise<string> {
  return new SignJWT({ scope: scopes.join(" ") })
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer(issuer)
    .setAudience("tests")
    .setSubject("me")
    .setExpirationTime("1h")
    .sign(keys.privateKey);
}

/** Adds what proves the schemes to headers and query. */
async function prove(
  as: Readonly<Record<string, readonly string[]>>,
  headers: Headers,
  query: URLSearchParams,
): Promise<void> {
  for (const scheme of schemes) {
    const scopes = as[scheme.name];
    if (scopes === undefined) {
      continue;
    }
    if (scheme.kind === "bearer") {
      headers.set("Authorization", `Bearer ${await token(scopes)}`);
    } else if (scheme.kind === "basic") {
      const text = Buffer.from(`me:${secret}`).toString("base64");
      headers.set("Authorization", `Basic ${text}`);
    } else if (scheme.kind === "query") {
      query.set(scheme.parameter, secret);
    } else if (scheme.kind === "cookie") {
      const others = headers.get("Cookie");
      const own = `${scheme.parameter}=${secret}`;
      headers.set("Cookie", others === null ? own : `${others}; ${own}`);
    } else {
      headers.set(scheme.parameter, secret);
    }
  }
}

/** Sends a request and returns the answer's status and text. */
export async function send(sent: Sent): Promise<[number, string]> {
  const headers = new Headers(sent.headers);
  const [path = "", query = ""] = sent.path.split("?", 2);
  const proofs = new URLSearchParams();
  await prove(sent.as ?? {}, headers, proofs);
  // Not through URLSearchParams: it would write the query anew.
  const pairs = query.split("&").filter((pair) => {
    const [name = ""] = pair.split("=", 1);
    return pair !== "" && !proofs.has(name);
  });
  const search = [...pairs, ...proofs.toString().split("&")]
    .filter((pair) => pair !== "")
    .join("&");
  const request: RequestInit = { method: sent.method, headers };
  if (sent.json !== undefined) {
    headers.set(
      "Content-Type",
      headers.get("Content-Type") ?? "application/json",
    );
    request.body = JSON.stringify(sent.json);
  } else if (sent.body !== undefined) {
    request.body = sent.body;
  }
  const answer = await fetch(
    `${server.address}${path}${search === "" ? "" : `?${search}`}`,
    request,
  );
  return [answer.status, await answer.text()];
}

/** The request reaches its handler, whatever that does with it. */
export async function passes(sent: Sent): Promise<void> {
  const [status, text] = await send(sent);
  assert.ok(
    ![400, 401, 403, 405, 406, 415, 500].includes(status),
    `${sent.method} ${sent.path} is answered ${status}: ${text}`,
  );
}

/** The request is refused with 400, and the answer names the field, or any one for "". */
export async function refuses(field: string, sent: Sent): Promise<void> {
  const [status, text] = await send(sent);
  assert.equal(
    status,
    400,
    `${sent.method} ${sent.path} with a wrong ${field} is answered: ${text}`,
  );
  if (sent.method !== "HEAD") {
    const { error } = JSON.parse(text) as {
      error: { details: { field: string }[] };
    };
    const named = error.details.map((detail) => detail.field);
    assert.ok(
      named.some(
        (name) =>
          field === "" || name === field || name.startsWith(`${field}.`),
      ),
      `${field} should be named: ${text}`,
    );
  }
}

/** The request is refused with 401 without the proofs that it needs. */
export async function refusesStrangers(sent: Sent): Promise<void> {
  const [status, text] = await send({ ...sent, as: undefined });
  assert.equal(
    status,
    401,
    `${sent.method} ${sent.path} from a stranger is answered: ${text}`,
  );
}
