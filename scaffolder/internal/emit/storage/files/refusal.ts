/** What an error of the database means to a caller. */
import { DatabaseError } from "pg";
import { ApiError, type Detail } from "../middleware/errors.js";
import { report } from "../middleware/log.js";

/** What a constraint is about, for errors that name fields. */
export interface Constraint {
  kind: "unique" | "foreign" | "check";
  columns: readonly string[];
}

export type Constraints = Readonly<Record<string, Constraint>>;

/** What a caller is told of what a statement has thrown. */
export function refusal(thrown: unknown, constraints: Constraints): unknown {
  if (!(thrown instanceof DatabaseError)) {
    return isUnreachable(thrown) ? unavailable(thrown) : thrown;
  }
  const { code = "" } = thrown;
  const broken = Object.hasOwn(constraints, thrown.constraint ?? "")
    ? constraints[thrown.constraint ?? ""]
    : undefined;
  const fields = (message: string): Detail[] =>
    (broken?.columns ?? []).map((field) => ({ field, message }));
  switch (code) {
    case "23505":
    case "23P01":
      return new ApiError(
        409,
        "CONFLICT",
        "Another row has these values already",
        fields("Taken"),
      );
    case "23503":
      return broken?.kind === "foreign"
        ? new ApiError(
            422,
            "REFERENCE_ERROR",
            "The row refers to one that is not there",
            fields("Refers to nothing"),
          )
        : new ApiError(409, "CONFLICT", "Other rows refer to this one");
    case "23514":
      return new ApiError(
        422,
        "CHECK_ERROR",
        "The row does not satisfy a rule of the database",
        fields("Does not satisfy the rules"),
      );
    case "23502":
      return new ApiError(422, "CHECK_ERROR", "A value is missing", [
        { field: thrown.column ?? "body", message: "Required" },
      ]);
    case "42501":
      return new ApiError(403, "FORBIDDEN", "This is not allowed");
  }
  if (isRaised(code)) {
    const { column: field, message } = thrown;
    const details = field === undefined ? [] : [{ field, message }];
    return new ApiError(422, "CHECK_ERROR", message, details);
  }
  if (isPassing(code)) {
    return unavailable(thrown);
  }
  return refused[code.slice(0, 2)]?.() ?? thrown;
}

/** By the class of the code. */
const refused: Readonly<Record<string, () => ApiError>> = {
  // Data that a type cannot hold.
  "22": () =>
    new ApiError(
      400,
      "VALIDATION_ERROR",
      "A value does not fit into its column",
    ),
  // Integrity in general, as triggers raise it.
  "23": () =>
    new ApiError(
      422,
      "CHECK_ERROR",
      "The row does not satisfy a rule of the database",
    ),
  "44": () =>
    new ApiError(
      422,
      "CHECK_ERROR",
      "The row would not be in the view that it is written through",
    ),
  // Such as a text too long for an index, or too many values.
  "54": () =>
    new ApiError(
      422,
      "CHECK_ERROR",
      "The database cannot store a value of this size",
    ),
};

/**
 * Whether the same may succeed later: rollbacks of transactions that met, no
 * connection or none that may write, too little of something, an intervention.
 */
function isPassing(code: string): boolean {
  return (
    ["08", "28", "40", "53", "57"].includes(code.slice(0, 2)) ||
    ["25006", "3D000", "55000", "55P03"].includes(code)
  );
}

/**
 * Whether the author of a function or trigger raised it: without a code, or with one
 * of a class that PostgreSQL does not have. Such words are for the caller.
 */
function isRaised(code: string): boolean {
  const classes =
    /^(0[0-389ABFLPZ]|2[0-8BDF]|3[489BDF]|4[024]|5[34578]|72|F0|HV|P0|XX)/;
  return /^P000[123]$/.test(code) || !classes.test(code);
}

/** Whether a transaction was rolled back only because of another one. */
export function isCollision(thrown: unknown): boolean {
  return (
    thrown instanceof DatabaseError &&
    ["40001", "40P01"].includes(thrown.code ?? "")
  );
}

function unavailable(thrown: unknown): ApiError {
  report("error", { message: "database unavailable", thrown });
  return new ApiError(
    503,
    "UNAVAILABLE",
    "The database cannot answer now: try again",
    [],
    { "Retry-After": "1" },
  );
}

function isUnreachable(thrown: unknown): boolean {
  const { code, message, errors } = Object(thrown) as Record<string, unknown>;
  return (
    (Array.isArray(errors) && errors.some(isUnreachable)) ||
    (typeof code === "string" &&
      /^(ECONN\w+|EHOSTUNREACH|ENETUNREACH|ENOENT|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT)$/.test(
        code,
      )) ||
    (typeof message === "string" &&
      /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error)/.test(
        message,
      ))
  );
}
