/** How statements reach the database. */
import { setTimeout as wait } from "node:timers/promises";
import type { QueryResultRow } from "pg";
import type { Principal } from "../middleware/credentials.js";
import { pool } from "./pool.js";
import { type Constraints, isCollision, refusal } from "./refusal.js";

/** Who is asking, as far as the database is told. */
export interface Caller {
  principals: readonly Principal[];
}

/** Runs one statement and returns its rows. */
export type Query = <Row extends QueryResultRow>(
  text: string,
  values: readonly unknown[],
) => Promise<Row[]>;

/** How often work is begun that others get in the way of. */
const mostAttempts = 3;

/**
 * Runs work's statements, from the beginning again after a deadlock or a
 * serialization failure: nothing of it was done then. When somebody has proved who
 * they are, they run in one transaction in which request.jwt.claims is set, for
 * row-level security: current_setting('request.jwt.claims', true)::json ->> 'sub'
 */
export async function session<Result>(
  caller: Caller,
  constraints: Constraints,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  const [principal] = caller.principals;
  const claims =
    principal && JSON.stringify(principal.claims ?? { sub: principal.subject });
  for (let attempt = 1; ; attempt++) {
    try {
      return claims === undefined
        ? await work(async (text, values) => {
            const { rows } = await pool.query(text, [...values]);
            return rows;
          })
        : await transaction(claims, work);
    } catch (thrown) {
      if (!isCollision(thrown) || attempt === mostAttempts) {
        throw refusal(thrown, constraints);
      }
      await wait(Math.random() * 20 * 2 ** attempt);
    }
  }
}

async function transaction<Result>(
  claims: string,
  work: (query: Query) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // A connection that breaks says so to its statements too; unheard it would end
  // the process.
  const lost = (thrown: Error) => {
    broken = thrown;
  };
  client.on("error", lost);
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
    await client.query("ROLLBACK").catch((failed: unknown) => {
      broken ??=
        failed instanceof Error ? failed : new Error("rollback failed");
    });
    throw thrown;
  } finally {
    client.off("error", lost);
    client.release(broken);
  }
}
