/**
 * Proofs of who is asking. Each is refused until its settings stand in the
 * environment, so that nothing is open because something was forgotten.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import {
  createRemoteJWKSet,
  importSPKI,
  type JWTPayload,
  jwtVerify,
} from "jose";
import { ApiError } from "./errors.js";
import { cookiesOf, decode, pairsOf } from "./parameters.js";

/** What a request shows of itself. */
export interface Shown {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  query: string;
  clientCertificate: boolean;
}

/** Who is asking, by the scheme that proved it. */
export interface Principal {
  scheme: string;
  subject: string;
  /** Tells callers apart whom the scheme calls alike, such as the holders of keys. */
  id: string;
  scopes: readonly string[];
  claims?: JWTPayload;
}

/** Returns who is asking, or undefined when the proof is missing or wrong. */
export interface Scheme {
  challenge?: string;
  prove(shown: Shown): Promise<Proof | undefined>;
}

type Proof = Omit<Principal, "scheme">;

/** What else callers must fulfil; throws ApiError when they do not. */
export type Check = (principals: readonly Principal[]) => void;

/** Alternatives, each of schemes that must all hold with the scopes named. */
export type Needs = readonly Readonly<Record<string, readonly string[]>>[];

function text(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function authorization(shown: Shown, kind: string): string | undefined {
  const match = /^(\S+) +(\S+) *$/.exec(
    text(shown.headers.authorization) ?? "",
  );
  return match?.[1]?.toLowerCase() === kind ? match[2] : undefined;
}

/**
 * What a setting says of a secret, which is compared by hash and in constant
 * time. Entries are hashes; claims may follow: HASH?sub=acme&scope=read&tier=pro.
 */
function known(
  secret: string,
  setting: string,
): Pick<Proof, "id" | "scopes" | "claims"> | undefined {
  const hash = createHash("sha256").update(secret).digest();
  let found: string | undefined;
  for (const entry of (process.env[setting] ?? "").split(",")) {
    const [hex = "", claims = ""] = entry.trim().split("?", 2);
    const expected = Buffer.from(hex, "hex");
    if (expected.length === hash.length && timingSafeEqual(expected, hash)) {
      found ??= claims;
    }
  }
  if (found === undefined) {
    return undefined;
  }
  const id = hash.toString("hex").slice(0, 32);
  const claims = claimsOf(new URLSearchParams(found));
  return found === ""
    ? { id, scopes: [] }
    : { id, scopes: scopesOf(claims), claims };
}

/** Claims by name; those that stand several times are lists. */
function claimsOf(pairs: URLSearchParams): JWTPayload {
  const claims = new Map<string, string | string[]>();
  for (const name of pairs.keys()) {
    const values = pairs.getAll(name);
    claims.set(name, values.length > 1 ? values : (values[0] ?? ""));
  }
  return Object.fromEntries(claims) as Record<string, unknown>;
}

/** A key whose SHA-256, in hex, is listed in PREFIX_SHA256, with or without claims. */
export function apiKey(
  prefix: string,
  place: "header" | "query" | "cookie",
  name: string,
): Scheme {
  const read = (shown: Shown): string | undefined => {
    switch (place) {
      case "header":
        return text(shown.headers[name.toLowerCase()]);
      case "query":
        return find(pairsOf(shown.query), name);
      case "cookie":
        return find(cookiesOf(text(shown.headers.cookie)), name);
    }
  };
  return {
    prove: (shown) => {
      const key = readable(() => read(shown)) ?? "";
      const found = key === "" ? undefined : known(key, `${prefix}_SHA256`);
      return Promise.resolve(
        found && { subject: found.claims?.sub ?? name, ...found },
      );
    },
  };
}

/** The first value of a name, decoded. */
function find(
  pairs: readonly (readonly [string, string])[],
  name: string,
): string | undefined {
  const value = pairs.find(([key]) => key === name)?.[1];
  return value === undefined ? undefined : decode(value);
}

/** What a reader finds, or undefined where percent signs mean nothing. */
function readable(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof URIError) {
      return undefined;
    }
    throw thrown;
  }
}

/** A name and password; the SHA-256 of "name:password" is in PREFIX_SHA256. */
export function basic(prefix: string): Scheme {
  return {
    challenge: 'Basic realm="api", charset="UTF-8"',
    prove: (shown) => {
      const given = Buffer.from(
        authorization(shown, "basic") ?? "",
        "base64",
      ).toString("utf8");
      const found = given.includes(":")
        ? known(given, `${prefix}_SHA256`)
        : undefined;
      const subject = given.split(":", 1)[0] ?? "";
      return Promise.resolve(found && { subject, ...found, id: subject });
    },
  };
}

/** Signatures that the issuer alone can make; with HS256, whoever has the public key could. */
const algorithms: ReadonlySet<string> = new Set([
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
]);

/**
 * A signed token. The keys come from PREFIX_JWKS_URL or PREFIX_PUBLIC_KEY (PEM);
 * PREFIX_ISSUER and PREFIX_AUDIENCE must be set too. PREFIX_ALGORITHM is the one
 * that is taken (RS256 when nothing is said), and PREFIX_MAX_AGE_SECONDS how long
 * ago a token may have been issued. With a setting that means nothing here every
 * token is refused.
 */
export function bearer(prefix: string): Scheme {
  const setting = (name: string) => process.env[`${prefix}_${name}`] ?? "";
  let remote: ReturnType<typeof createRemoteJWKSet> | undefined;
  const verify = async (token: string): Promise<JWTPayload | undefined> => {
    const [issuer, audience] = [setting("ISSUER"), setting("AUDIENCE")];
    const algorithm = setting("ALGORITHM") || "RS256";
    const age = setting("MAX_AGE_SECONDS") || "Infinity";
    if (
      issuer === "" ||
      audience === "" ||
      !algorithms.has(algorithm) ||
      !(Number(age) > 0)
    ) {
      return undefined;
    }
    const options = {
      issuer,
      audience,
      algorithms: [algorithm],
      requiredClaims: ["exp"],
      ...(age !== "Infinity" && { maxTokenAge: Number(age) }),
    };
    if (setting("JWKS_URL") !== "") {
      remote ??= createRemoteJWKSet(new URL(setting("JWKS_URL")));
      return (await jwtVerify(token, remote, options)).payload;
    }
    if (setting("PUBLIC_KEY") !== "") {
      const key = await importSPKI(
        setting("PUBLIC_KEY").replaceAll("\\n", "\n"),
        algorithm,
      );
      return (await jwtVerify(token, key, options)).payload;
    }
    return undefined;
  };
  return {
    challenge: "Bearer",
    prove: async (shown) => {
      const token = authorization(shown, "bearer");
      if (token === undefined) {
        return undefined;
      }
      const claims = await verify(token).catch(() => undefined);
      return (
        claims && {
          subject: claims.sub ?? "",
          id: idOf(claims),
          scopes: scopesOf(claims),
          claims,
        }
      );
    },
  };
}

/** The subject, or the client that a token without one was made for. */
function idOf(claims: JWTPayload): string {
  const { sub, client_id: client, azp = client } = claims;
  return sub ?? (typeof azp === "string" ? azp : "");
}

/** How clients get a token: where, and which scopes there are. */
export type OAuthFlows = Partial<
  Record<
    | "implicit"
    | "password"
    | "clientCredentials"
    | "authorizationCode"
    | "deviceAuthorization",
    {
      authorizationUrl?: string;
      tokenUrl?: string;
      refreshUrl?: string;
      deviceAuthorizationUrl?: string;
      scopes: Record<string, string>;
    }
  >
>;

/** A signed token as bearer takes it, which clients get through OAuth 2. */
export function oauth2(
  prefix: string,
  flows: OAuthFlows,
): Scheme & { flows: OAuthFlows } {
  return { ...bearer(prefix), flows };
}

/** A signed token as bearer takes it, from the provider described at a URL. */
export function openIdConnect(
  prefix: string,
  url: string,
): Scheme & { url: string } {
  return { ...bearer(prefix), url };
}

function scopesOf(claims: JWTPayload): string[] {
  const scope = claims.scope ?? claims.scp ?? claims.permissions;
  if (Array.isArray(scope)) {
    return scope.map(String);
  }
  return typeof scope === "string" ? scope.split(" ") : [];
}

/** A client certificate that the server has verified. */
export function mutualTls(): Scheme {
  return {
    prove: (shown) =>
      Promise.resolve(
        shown.clientCertificate
          ? { subject: "client", id: "client", scopes: [] }
          : undefined,
      ),
  };
}

/** A scheme that this server cannot check, and therefore refuses. */
export function unsupported(): Scheme {
  return { prove: () => Promise.resolve(undefined) };
}

const proofs = new WeakMap<object, Map<Scheme, Promise<Proof | undefined>>>();

/** What a request proves by a scheme; looked at once, whoever asks. */
function proofOf(scheme: Scheme, shown: Shown): Promise<Proof | undefined> {
  const seen = proofs.get(shown.headers) ?? new Map<Scheme, Promise<Proof>>();
  const proof = seen.get(scheme) ?? scheme.prove(shown);
  proofs.set(shown.headers, seen.set(scheme, proof));
  return proof;
}

/** Who is asking, by the first scheme that proves it; undefined for strangers. */
export async function callerOf(
  schemes: ReadonlyMap<string, Scheme>,
  shown: Shown,
): Promise<Principal | undefined> {
  for (const [name, scheme] of schemes) {
    const found = await proofOf(scheme, shown);
    if (found) {
      return { scheme: name, ...found };
    }
  }
  return undefined;
}

/** Who is asking; throws ApiError 401 without a proof and 403 without the scopes. */
export async function prove(
  schemes: ReadonlyMap<string, Scheme>,
  needs: Needs,
  shown: Shown,
): Promise<Principal[]> {
  let lacking: string[] | undefined;
  for (const alternative of needs) {
    const principals: Principal[] = [];
    const missing: string[] = [];
    for (const [name, scopes] of Object.entries(alternative)) {
      const scheme = schemes.get(name);
      const found = scheme && (await proofOf(scheme, shown));
      if (found) {
        principals.push({ scheme: name, ...found });
        missing.push(
          ...scopes.filter((scope) => !found.scopes.includes(scope)),
        );
      }
    }
    if (principals.length < Object.keys(alternative).length) {
      continue;
    }
    if (missing.length === 0) {
      return principals;
    }
    lacking ??= missing;
  }
  if (lacking) {
    throw new ApiError(403, "FORBIDDEN", `Missing scope: ${lacking.join(" ")}`);
  }
  const names = needs.flatMap((alternative) => Object.keys(alternative));
  const challenges = new Set(
    names.flatMap((name) => schemes.get(name)?.challenge ?? []),
  );
  throw new ApiError(
    401,
    "UNAUTHORIZED",
    "Credentials are missing or not valid",
    [],
    {
      "WWW-Authenticate": [...challenges].join(", ") || "ApiKey",
    },
  );
}
