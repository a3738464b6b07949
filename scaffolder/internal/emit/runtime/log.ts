/** Logs, one JSON object a line. Bodies, queries and credentials are left out. */

/** What LOG_LEVEL lets through: info (everything), error, or silent. */
const silent = {
  info: ["error", "silent"].includes(process.env.LOG_LEVEL ?? ""),
  error: process.env.LOG_LEVEL === "silent",
};

/** Writes one line. */
export function report(
  level: "info" | "error",
  fields: Readonly<Record<string, unknown>>,
): void {
  if (silent[level]) {
    return;
  }
  const { thrown, ...rest } = fields;
  const error =
    thrown instanceof Error
      ? { error: thrown.message, stack: thrown.stack }
      : {};
  const line = JSON.stringify({
    time: new Date().toISOString(),
    level,
    ...rest,
    ...error,
  });
  (level === "error" ? process.stderr : process.stdout).write(`${line}\n`);
}
