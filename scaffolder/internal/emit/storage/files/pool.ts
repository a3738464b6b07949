/** The connections to the database. This file is yours: set it up as you need it. */
import { Pool } from "pg";
import { report } from "../middleware/log.js";

/** How long a statement may take. */
const timeout = Number(process.env.DATABASE_TIMEOUT_MS ?? 10_000);

export const pool = new Pool({
  // DATABASE_URL, or without it PGHOST, PGUSER and so on.
  ...(process.env.DATABASE_URL && {
    connectionString: process.env.DATABASE_URL,
  }),
  max: Number(process.env.DATABASE_POOL_SIZE ?? 10),
  connectionTimeoutMillis: 5_000,
  idleTimeoutMillis: 30_000,
  statement_timeout: timeout,
  // For a server that does not answer at all.
  query_timeout: timeout + 5_000,
  keepAlive: true,
  application_name: "api",
  // Idle connections don't keep a stopping server alive.
  allowExitOnIdle: true,
});

// An idle connection that breaks is replaced at the next request.
pool.on("error", (thrown) => {
  report("error", { message: "database connection lost", thrown });
});
