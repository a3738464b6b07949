/** Errors, and the envelope in which every one of them is answered. */
import { randomUUID } from "node:crypto";
import type { z } from "zod";

/** What is wrong with one field; "body" stands for the body as a whole. */
export interface Detail {
  field: string;
  message: string;
}

/** An error that the caller is told about. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly Detail[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** The answer to an error. */
export interface Failure {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: {
    error: { code: string; message: string; details: readonly Detail[] };
    meta: { requestId: string };
  };
}

/** Answers 501, until the operation is written. */
export function notImplemented(request: object): never {
  const name = "operation" in request ? String(request.operation) : "This";
  throw new ApiError(501, "NOT_IMPLEMENTED", `${name} is not implemented yet`);
}

const codes: Record<number, [code: string, message: string]> = {
  400: ["BAD_REQUEST", "The request cannot be understood"],
  404: ["NOT_FOUND", "There is nothing here"],
  405: ["METHOD_NOT_ALLOWED", "The method is not allowed here"],
  406: ["NOT_ACCEPTABLE", "None of the media types accepted can be answered"],
  413: ["PAYLOAD_TOO_LARGE", "The body is too large"],
  414: ["URI_TOO_LONG", "The address is too long"],
  415: ["UNSUPPORTED_MEDIA_TYPE", "The media type is not supported"],
  429: ["RATE_LIMITED", "Too many requests: try again later"],
};

/** The error that a status stands for. */
export function errorOf(
  status: number,
  headers: Record<string, string> = {},
): ApiError {
  const [code, message] = codes[status] ?? [
    "ERROR",
    "The request cannot be served",
  ];
  return new ApiError(status, code, message, [], headers);
}

/** Turns whatever was thrown into an answer that gives nothing away. */
export function failure(thrown: unknown, requestId: string): Failure {
  const { status, code, message, details, headers } = asApiError(thrown);
  return {
    status,
    headers,
    body: { error: { code, message, details }, meta: { requestId } },
  };
}

function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) {
    return thrown;
  }
  // Frameworks and their parsers put the status on what they throw.
  const { status, statusCode = status } = Object(thrown) as Record<
    string,
    unknown
  >;
  if (typeof statusCode === "number" && statusCode >= 400 && statusCode < 500) {
    return errorOf(statusCode);
  }
  return new ApiError(
    500,
    "INTERNAL_ERROR",
    "Something went wrong on our side",
  );
}

/** The request's id: the caller's when it has a harmless form, else a new one. */
export function requestIdOf(given: unknown): string {
  return typeof given === "string" && /^[\w.-]{1,128}$/.test(given)
    ? given
    : randomUUID();
}

/** One detail for each field that a schema found fault with. */
export function detailsOf(
  issues: readonly z.core.$ZodIssue[],
  base: readonly PropertyKey[],
): Detail[] {
  const details = new Map<string, Detail>();
  const add = (path: readonly PropertyKey[], message: string) => {
    const field = path.map(String).join(".") || "body";
    if (!details.has(field)) {
      details.set(field, { field, message });
    }
  };
  for (const issue of issues) {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      issue.keys.forEach((key) => add([...path, key], "Not allowed"));
    } else if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const closest = closestOf(issue.errors);
      if (closest) {
        detailsOf(closest, path).forEach((detail) =>
          add([detail.field], detail.message),
        );
      } else {
        add(path, expectation(issue.errors));
      }
    } else if (issue.code === "invalid_union") {
      add(path, "Invalid input: matches more than one alternative");
    } else {
      add(path, issue.message);
    }
  }
  return [...details.values()];
}

type Branch = readonly z.core.$ZodIssue[];

/** The alternative that fits best: the fewest faults, none with the whole. */
function closestOf(branches: readonly Branch[]): Branch | undefined {
  return branches
    .filter((branch) =>
      branch.every(
        (issue) => issue.path.length > 0 || issue.code !== "invalid_type",
      ),
    )
    .sort((a, b) => a.length - b.length)[0];
}

function expectation(branches: readonly Branch[]): string {
  const expected = branches.flatMap((branch) =>
    branch.flatMap((issue) =>
      issue.code === "invalid_type" ? [issue.expected] : [],
    ),
  );
  return `Invalid input: expected ${[...new Set(expected)].join(" or ") || "another value"}`;
}
