/** The order of rows, and where a page of them goes on. */
import { ApiError } from "../middleware/errors.js";
import { type Columns, of, type Values } from "./column.js";

/** A column by which rows are sorted. */
export interface Step {
  name: string;
  type: string;
  nullable: boolean;
  descending: boolean;
}

/** What rows are sorted by: what was asked for, then the key, so that no two are alike. */
export function orderOf(
  columns: Columns,
  sort: readonly string[],
  key: readonly string[],
): Step[] {
  const steps: Step[] = [];
  for (const word of [...sort, ...key]) {
    const descending = word.startsWith("-") && !Object.hasOwn(columns, word);
    const name = descending ? word.slice(1) : word;
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column && !steps.some((step) => step.name === name)) {
      const { type, nullable = false } = column;
      steps.push({ name, type, nullable, descending });
    }
  }
  return steps;
}

/** The ORDER BY clause. Null comes last, and first where the order is turned round. */
export function orderBy(steps: readonly Step[]): string {
  const list = steps.map(
    ({ name, descending }) => of(name) + (descending ? " DESC" : ""),
  );
  return list.length > 0 ? ` ORDER BY ${list.join(", ")}` : "";
}

/** The condition that a row comes after the one with these values, as text. */
export function after(
  steps: readonly Step[],
  at: readonly (string | null)[],
  values: Values,
): string {
  const [first] = steps;
  const bound = (index: number) =>
    values.typed(at[index], steps[index]?.type ?? "text");
  if (
    steps.every(
      ({ nullable, descending }) =>
        !nullable && descending === first?.descending,
    )
  ) {
    // One comparison of rows, which an index over the columns serves.
    const names = steps.map(({ name }) => of(name)).join(", ");
    const list = steps.map((_, index) => bound(index)).join(", ");
    return `(${names}) ${first?.descending ? "<" : ">"} (${list})`;
  }
  const alternatives = steps.map((step, index) => {
    const alike = steps
      .slice(0, index)
      .map(({ name }, i) => `${of(name)} IS NOT DISTINCT FROM ${bound(i)}`);
    return [...alike, beyond(step, at[index] ?? null, () => bound(index))].join(
      " AND ",
    );
  });
  return `(${alternatives.map((one) => `(${one})`).join(" OR ")})`;
}

function beyond(
  { name, nullable, descending }: Step,
  value: string | null,
  bound: () => string,
): string {
  if (value === null) {
    return descending ? `${of(name)} IS NOT NULL` : "FALSE";
  }
  if (descending) {
    return `${of(name)} < ${bound()}`;
  }
  return nullable
    ? `(${of(name)} > ${bound()} OR ${of(name)} IS NULL)`
    : `${of(name)} > ${bound()}`;
}

/** Where a page ends: the values of the last row, or how many rows came before. */
export interface Place {
  order: string;
  at?: readonly (string | null)[];
  skip?: number;
}

export function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** Reads a cursor; throws ApiError 400 for what is none, or of another order. */
export function readCursor(cursor: string, steps: readonly Step[]): Place {
  let place: Partial<Place> | null = null;
  try {
    place = JSON.parse(
      Buffer.from(cursor, "base64url").toString("utf8"),
    ) as Partial<Place> | null;
  } catch {
    // It is no cursor, which is said below.
  }
  const { order, at, skip } = Object(place) as Partial<Place>;
  const whole =
    order === orderBy(steps) &&
    (Number.isSafeInteger(skip) ||
      (Array.isArray(at) &&
        at.length === steps.length &&
        at.every((value) => value === null || typeof value === "string")));
  if (!whole) {
    throw new ApiError(400, "VALIDATION_ERROR", "The request is not valid", [
      { field: "cursor", message: "Not a cursor of this list in this order" },
    ]);
  }
  return { order: order, ...(at && { at }), ...(skip && { skip }) };
}
