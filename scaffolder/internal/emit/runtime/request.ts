/** Reads a request as its operation describes it, or says what is wrong with it. */
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { type Parse, readForm, readMultipart } from "./body.js";
import { ApiError, type Detail, detailsOf, errorOf } from "./errors.js";
import {
  cookiesOf,
  fromPairs,
  fromText,
  type Pairs,
  pairsOf,
  scalar,
  type Shape,
  type Written,
} from "./parameters.js";
import { describe } from "./schema.js";

/** One parameter; json says that its text is JSON, and parse what reads that instead of JSON.parse. */
export interface ParameterValidator extends Written {
  schema: z.core.$ZodType;
  required?: boolean;
  json?: boolean;
  parse?: Parse;
}

type Parameters = Readonly<Record<string, ParameterValidator>>;

/** A body of one media type; without a schema it is taken as it comes. */
export interface MediaValidator {
  schema?: z.core.$ZodType;
  /** What a body holds that is handed on unread; it is not checked. */
  described?: z.core.$ZodType;
  /** Reads JSON instead of JSON.parse. */
  parse?: Parse;
  shape?: Shape;
  styles?: Readonly<Record<string, Written & { json?: boolean }>>;
}

/** What the request of an operation must be like. */
export interface RequestValidator {
  operation: string;
  /** The media types that are answered, where they are not JSON alone. */
  answers?: readonly string[];
  path?: Parameters;
  query?: Parameters;
  headers?: Parameters;
  cookies?: Parameters;
  body?: {
    required?: boolean;
    content: Readonly<Record<string, MediaValidator>>;
  };
}

/** A request as it arrived. */
export interface RawRequest {
  path: Readonly<Record<string, unknown>>;
  query: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer | undefined;
}

/** A request that is known to be valid. */
export interface ValidRequest {
  operation: string;
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  headers: Record<string, unknown>;
  cookies: Record<string, unknown>;
  contentType: string | undefined;
  body: unknown;
}

/** The path's parameters under the names that the document gives them. */
export function renamed(
  parameters: Readonly<Record<string, unknown>>,
  names: Readonly<Record<string, string>>,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      (Object.hasOwn(names, name) && names[name]) || name,
      value,
    ]),
  );
}

/** Validates everything and lists every fault; throws ApiError 400, 406 or 415. */
export function readRequest(
  validator: RequestValidator,
  raw: RawRequest,
): ValidRequest {
  if (!acceptable(header(raw, "accept"), validator.answers)) {
    throw errorOf(406);
  }
  const media = mediaOf(validator, raw);
  const details: Detail[] = [];
  const headers = Object.entries(raw.headers);
  const query = guard(details, "query", [], () => pairsOf(raw.query));
  const cookies = cookiesOf(header(raw, "cookie"));
  const named = (key: string) => Object.hasOwn(validator.query ?? {}, key);
  const request: ValidRequest = {
    operation: validator.operation,
    path: readEach(validator.path, details, (name, parameter) => {
      const text = raw.path[name];
      return typeof text === "string"
        ? fromText(text, name, parameter)
        : undefined;
    }),
    query: readEach(validator.query, details, (name, parameter) =>
      fromPairs(
        // Members of objects that stand on their own give way to parameters.
        query.filter(([key]) => key === name || !named(key)),
        name,
        parameter,
      ),
    ),
    headers: readEach(validator.headers, details, (name, parameter) => {
      const [, text] =
        headers.find(([key]) => key.toLowerCase() === name.toLowerCase()) ?? [];
      const joined = Array.isArray(text) ? text.join(", ") : text;
      return joined === undefined
        ? undefined
        : fromText(joined, name, parameter);
    }),
    cookies: readEach(validator.cookies, details, (name, parameter) =>
      fromPairs(cookies, name, parameter),
    ),
    contentType: media?.type,
    body: readBody(validator, raw, media, details),
  };
  if (details.length > 0) {
    throw new ApiError(
      400,
      "VALIDATION_ERROR",
      "The request is not valid",
      details,
    );
  }
  return request;
}

/** Whether the header Accept lets one of the media types through. */
function acceptable(
  accept: string | undefined,
  answers: readonly string[] = ["application/json"],
): boolean {
  const ranges = (accept ?? "")
    .toLowerCase()
    .split(",")
    .map((range) => range.split(";").map((part) => part.trim()))
    .filter(([range]) => range);
  const matches = (range: string, answer: string) => {
    const [main = ""] = range.split("/", 1);
    const [own = ""] = answer.split("/", 1);
    return (
      range === answer ||
      range === "*/*" ||
      answer === "*/*" ||
      ((range.endsWith("/*") || answer.endsWith("/*")) && main === own)
    );
  };
  return (
    ranges.length === 0 ||
    answers.length === 0 ||
    ranges.some(
      ([range = "", ...parameters]) =>
        !parameters.some((one) => /^q=0(\.0*)?$/.test(one)) &&
        answers.some((answer) => matches(range, answer)),
    )
  );
}

function header(raw: RawRequest, name: string): string | undefined {
  const value = raw.headers[name];
  return Array.isArray(value) ? value.join("; ") : value;
}

function guard<T>(
  details: Detail[],
  field: string,
  fallback: T,
  read: () => T,
): T {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof URIError || thrown instanceof SyntaxError) {
      details.push({ field, message: "Malformed" });
      return fallback;
    }
    if (thrown instanceof RangeError) {
      details.push({ field, message: "Nested too deeply" });
      return fallback;
    }
    throw thrown;
  }
}

/** How deep values may be nested: checking deeper ones would exhaust the stack. */
const depth = 200;

/** Throws RangeError for values that are nested deeper. */
function shallow(value: unknown, left = depth): void {
  if (
    typeof value !== "object" ||
    value === null ||
    ArrayBuffer.isView(value)
  ) {
    return;
  }
  if (left === 0) {
    throw new RangeError("nested too deeply");
  }
  for (const inner of Object.values(value)) {
    shallow(inner, left - 1);
  }
}

function readEach(
  parameters: Parameters = {},
  details: Detail[],
  read: (name: string, parameter: ParameterValidator) => unknown,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, parameter] of Object.entries(parameters)) {
    const before = details.length;
    let value = guard(details, name, undefined, () => read(name, parameter));
    if (parameter.json && typeof value === "string") {
      const text = value;
      value = guard(details, name, undefined, () => parseJson(text, parameter));
    }
    guard(details, name, undefined, () => shallow(value));
    if (details.length > before) {
      continue;
    }
    if (value === undefined && parameter.required) {
      details.push({ field: name, message: "Required" });
      continue;
    }
    const result = z.safeParse(parameter.schema, value, { error: describe });
    if (!result.success) {
      details.push(...detailsOf(result.error.issues, [name]));
    } else if (result.data !== undefined) {
      Object.defineProperty(values, name, {
        value: result.data,
        configurable: true,
        enumerable: true,
        writable: true,
      });
    }
  }
  return values;
}

interface Media extends MediaValidator {
  type: string;
}

/** Finds the description of the body's media type; throws ApiError 415. */
function mediaOf(
  validator: RequestValidator,
  raw: RawRequest,
): Media | undefined {
  if (!validator.body || raw.body === undefined || raw.body.length === 0) {
    return undefined;
  }
  const { content } = validator.body;
  const [type = ""] = (header(raw, "content-type") ?? "")
    .toLowerCase()
    .split(";", 1);
  const name = type.trim();
  const [main = ""] = name.split("/", 1);
  for (const key of [name, `${main}/*`, "*/*"]) {
    if (name !== "" && Object.hasOwn(content, key)) {
      return { ...content[key], type: name };
    }
  }
  throw errorOf(415, { Accept: Object.keys(content).join(", ") });
}

function readBody(
  validator: RequestValidator,
  raw: RawRequest,
  media: Media | undefined,
  details: Detail[],
): unknown {
  if (!validator.body || !raw.body || !media) {
    if (validator.body?.required) {
      details.push({ field: "body", message: "Required" });
    }
    return undefined;
  }
  const { body } = raw;
  const before = details.length;
  const value = guard(details, "body", undefined, () =>
    parse(body, media, raw),
  );
  guard(details, "body", undefined, () => shallow(value));
  if (!media.schema || details.length > before) {
    return value;
  }
  const result = z.safeParse(media.schema, value, { error: describe });
  if (!result.success) {
    details.push(...detailsOf(result.error.issues, []));
    return undefined;
  }
  return result.data;
}

function parseJson(
  text: string,
  { parse, schema }: { parse?: Parse; schema?: z.core.$ZodType },
): unknown {
  return parse ? parse(text, schema) : (JSON.parse(text) as unknown);
}

function parse(body: Buffer, media: Media, raw: RawRequest): unknown {
  const { type } = media;
  if (
    type === "application/json" ||
    type.endsWith("+json") ||
    type === "text/json"
  ) {
    if (!isUtf8(body)) {
      throw new SyntaxError("no UTF-8"); // which toString would put other characters into
    }
    return parseJson(body.toString("utf8"), media);
  }
  if (type === "application/x-www-form-urlencoded") {
    return readForm(pairsOf(body.toString("utf8")), media);
  }
  if (type.startsWith("multipart/")) {
    return readMultipart(body, header(raw, "content-type") ?? "", media);
  }
  return media.schema || type.startsWith("text/")
    ? scalar(body.toString("utf8"), media.shape)
    : body;
}

export type { Pairs };
