/** How statements reach the database, and what its errors mean to a caller. */
import { DatabaseError, type QueryResultRow } from "pg";
import type { Principal } from "../middleware/credentials.js";
import { ApiError, type Detail } from "../middleware/errors.js";
import { pool } from "./pool.js";

/** Who is asking, as far as the database is told. */
export interface Caller {
  principals: readonly Principal[];
}

/** Runs one statement and returns its rows. */
export type Query = <Row extends QueryResultRow>(
  text: string,
  values: readonly unknown[],
) => Promise<Row[]>;

/** What a constraint is about, for errors that name fields. */
export interface Constraint {
  kind: "unique" | "foreign" | "check";
  columns: readonly string[];
}

type Constraints = Readonly<Record<string, Constraint>>;

/**
 * Runs work's statements. When somebody has proved who they are, they run in one
 * transaction in which request.jwt.claims is set, for row-level security:
 * current_setting('request.jwt.claims', true)::json ->> 'sub'
 */
export async function session<Result>(
  caller: Caller,
  constraints: Constraints,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  try {
    const [principal] = caller.principals;
    if (!principal) {
      return await work(async (text, values) => {
        const { rows } = await pool.query(text, [...values]);
        return rows;
      });
    }
    const claims = principal.claims ?? { sub: principal.subject };
    return await transaction(JSON.stringify(claims), work);
  } catch (thrown) {
    throw meaning(thrown, constraints);
  }
}

async function transaction<Result>(
  claims: string,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query("BEGIN");
    await client.query("SELECT set_config('request.jwt.claims', $1, true)", [
      claims,
    ]);
    const result = await work(async (text, values) => {
      const { rows } = await client.query(text, [...values]);
      return rows;
    });
    await client.query("COMMIT");
    return result;
  } catch (thrown) {
    await client.query("ROLLBACK").catch((lost: unknown) => {
      broken = lost instanceof Error ? lost : new Error("rollback failed");
    });
    throw thrown;
  } finally {
    client.release(broken);
  }
}

/** What a caller is told of an error of the database. */
function meaning(thrown: unknown, constraints: Constraints): unknown {
  if (!(thrown instanceof DatabaseError)) {
    return isUnreachable(thrown) ? unavailable() : thrown;
  }
  const code = thrown.code ?? "";
  const constraint = Object.hasOwn(constraints, thrown.constraint ?? "")
    ? constraints[thrown.constraint ?? ""]
    : undefined;
  const fields = (message: string): Detail[] =>
    (constraint?.columns ?? []).map((field) => ({ field, message }));
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
      return constraint?.kind === "foreign"
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
    case "P0001":
      return new ApiError(422, "CHECK_ERROR", "The database refused the row");
    case "40001":
    case "40P01":
    case "53300":
    case "55000":
    case "55P03":
    case "57014":
    case "57P01":
    case "57P03":
      return unavailable();
  }
  // Class 22 is data that a type cannot hold, 0A and 42804 what it cannot become.
  return code.startsWith("22")
    ? new ApiError(
        400,
        "VALIDATION_ERROR",
        "A value does not fit into its column",
      )
    : thrown;
}

function unavailable(): ApiError {
  return new ApiError(
    503,
    "UNAVAILABLE",
    "The database cannot answer now: try again",
    [],
    { "Retry-After": "1" },
  );
}

function isUnreachable(thrown: unknown): boolean {
  const { code, message } = Object(thrown) as Record<string, unknown>;
  return (
    (typeof code === "string" &&
      ["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ETIMEDOUT"].includes(
        code,
      )) ||
    (typeof message === "string" &&
      /^(Connection terminated|timeout exceeded when trying to connect)/.test(
        message,
      ))
  );
}
