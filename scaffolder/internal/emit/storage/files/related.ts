/** Related rows: those that foreign keys lead to, and those that lead here by them. */
import { asJson, of, quote, Values } from "./column.js";
import { orderBy, orderOf } from "./order.js";
import type { Query } from "./session.js";
import type { Definition } from "./table.js";

/** The way from a row to rows of another table. */
export interface Relation {
  table: () => { readonly definition: Definition };
  columns: readonly string[];
  references: readonly string[];
  many?: true;
}

/** How many related rows are shown with one row. */
const mostRelated = 100;

/**
 * The rows that a relation leads to from each of the links, by the link's JSON:
 * one statement, whatever the number of links.
 */
export async function relatedRows(
  run: Query,
  { table, columns, references, many }: Relation,
  links: ReadonlyMap<string, (string | null)[]>,
): Promise<Map<string, unknown[]>> {
  const related = new Map<string, unknown[]>();
  if (links.size === 0) {
    return related;
  }
  const { definition } = table();
  const values = new Values();
  const lists = columns.map((_, index) => {
    const name = references[index] ?? "";
    const type = definition.columns[name]?.type ?? "text";
    const list = [...links.values()].map((link) => link[index]);
    return values.typed(list, `${type}[]`);
  });
  const names = columns.map((_, index) => `c${index}`);
  const alike = references.map((name, index) => `${of(name)} = k.c${index}`);
  const order = orderBy(orderOf(definition.columns, [], definition.key));
  const shown = Object.keys(definition.columns).filter(
    (name) => !definition.columns[name]?.hidden,
  );
  // Columns that are never answered may be such as the role may not read.
  const needed = new Set([...shown, ...references, ...definition.key]);
  const rows = await run<{ parent: number; row: unknown }>(
    `SELECT k.n::int4 AS "parent", ${asJson(definition.columns, shown)} AS "row"` +
      ` FROM unnest(${lists.join(", ")}) WITH ORDINALITY AS k(${[...names, "n"].join(", ")})` +
      ` CROSS JOIN LATERAL (SELECT ${[...needed].map(of).join(", ")} FROM ${quote(definition.schema)}.${quote(definition.name)} t` +
      ` WHERE ${alike.join(" AND ")}${order} LIMIT ${many ? mostRelated : 1}) t` +
      (order === ""
        ? " ORDER BY k.n"
        : order.replace(" ORDER BY ", " ORDER BY k.n, ")),
    values.list,
  );
  const keys = [...links.keys()];
  for (const { parent, row } of rows) {
    const key = keys[parent - 1] ?? "";
    related.set(key, [...(related.get(key) ?? []), row]);
  }
  return related;
}
