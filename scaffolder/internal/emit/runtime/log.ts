/** Logs, one JSON object a line. Bodies, queries and credentials are left out. */

/** Writes one line. */
export function report(
  level: "info" | "error",
  fields: Readonly<Record<string, unknown>>,
): void {
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
