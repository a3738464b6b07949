/**
 * Lists, fetches and writes the rows of a table. Names come from tables.ts alone;
 * whatever a request says is a parameter of its statement.
 */
import { ApiError } from "../middleware/errors.js";
import { asJson, type Columns, of, quote, Values } from "./column.js";
import {
  after,
  orderBy,
  orderOf,
  readCursor,
  type Step,
  writeCursor,
} from "./order.js";
import type { Constraints } from "./refusal.js";
import { type Relation, relatedRows } from "./related.js";
import { type Caller, type Query, session } from "./session.js";

/** What tables.ts says of a table or a view. */
export interface Definition {
  schema: string;
  name: string;
  columns: Columns;
  /** The columns that tell a row from all others; none where there are no such. */
  key: readonly string[];
  /** The column that changes whenever a row does. */
  version?: string;
  constraints?: Constraints;
  relations?: Readonly<Record<string, Relation>>;
}

/** A page of rows, and the cursor of the next, if there is one. */
export interface Page<Row> {
  rows: Row[];
  nextCursor: string | null;
  /** How many rows there are on all pages, if that was asked. */
  total?: number;
}

/** A row, and the tag that it has until it changes. */
export interface Version<Row> {
  row: Row;
  etag: string | undefined;
}

type Asked = Readonly<Record<string, unknown>>;

interface Choice {
  fields?: readonly string[];
  include?: readonly string[];
}

/** A row as a statement returns it. */
interface Found {
  row: Record<string, unknown>;
  at: (string | null)[];
  version?: string | null;
  [link: `link${number}`]: (string | null)[];
}

const operators: Readonly<Record<string, string>> = {
  eq: "=",
  ne: "IS DISTINCT FROM",
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  like: "ILIKE",
};

export class Table<Row, New extends object, Change extends object> {
  constructor(readonly definition: Definition) {}

  /** One page of the rows that the query's filters leave. */
  async list(query: Asked, caller: Caller): Promise<Page<Row>> {
    const { columns, key } = this.definition;
    const {
      limit = 20,
      cursor,
      sort = [],
      count,
    } = query as {
      limit?: number;
      cursor?: string;
      sort?: readonly string[];
      count?: boolean;
    };
    const steps = orderOf(columns, sort, this.#order());
    const values = new Values();
    const where = this.#filters(query, values);
    const counted = [...values.list];
    const filtered = clause(where);
    let skip = 0;
    if (cursor) {
      const place = readCursor(cursor, steps);
      skip = place.skip ?? 0;
      if (place.at) {
        where.push(after(steps, place.at, values));
      }
    }
    return session(caller, {}, async (run) => {
      const text =
        `SELECT ${this.#selected(query, steps)} FROM ${this.#name} t` +
        `${clause(where)}${orderBy(steps)} LIMIT ${values.typed(limit + 1, "int8")}` +
        (skip > 0 ? ` OFFSET ${values.typed(skip, "int8")}` : "");
      const found = await ask(run, text, values.list);
      const page = found.slice(0, limit);
      await this.#relate(run, query, page);
      const last = page.at(-1);
      let nextCursor: string | null = null;
      if (found.length > limit && last) {
        nextCursor = writeCursor({
          order: orderBy(steps),
          ...(key.length > 0 ? { at: last.at } : { skip: skip + limit }),
        });
      }
      const result = { rows: page.map(({ row }) => row as Row), nextCursor };
      if (!count) {
        return result;
      }
      const [all] = await run<{ total: string }>(
        `SELECT count(*) AS "total" FROM ${this.#name} t${filtered}`,
        counted,
      );
      return { ...result, total: Number(all?.total ?? 0) };
    });
  }

  /** The row with a key; throws ApiError 404 when there is none. */
  async find(key: Asked, query: Asked, caller: Caller): Promise<Version<Row>> {
    const values = new Values();
    const text = `SELECT ${this.#selected(query, [])} FROM ${this.#name} t${clause(this.#at(key, values))}`;
    return session(caller, {}, async (run) => {
      const [found] = await ask(run, text, values.list);
      if (!found) {
        throw missing();
      }
      await this.#relate(run, query, [found]);
      return this.#version(found);
    });
  }

  /** Adds a row and returns it as it is then. */
  async create(body: New, caller: Caller): Promise<Version<Row>> {
    const values = new Values();
    const written = this.#written(body, values);
    const names = written.map(([name]) => quote(name)).join(", ");
    const list = written.map(([, value]) => value).join(", ");
    const text =
      `INSERT INTO ${this.#name} AS t ` +
      (written.length > 0 ? `(${names}) VALUES (${list})` : "DEFAULT VALUES") +
      ` RETURNING ${this.#selected({}, [])}`;
    return session(caller, this.#constraints, async (run) => {
      const [found] = await ask(run, text, values.list);
      if (!found) {
        throw new ApiError(403, "FORBIDDEN", "The row was not taken");
      }
      return this.#version(found);
    });
  }

  /** Replaces a row: what the body leaves out becomes what it is by default. */
  async replace(
    key: Asked,
    body: New,
    caller: Caller,
    ifMatch?: string,
  ): Promise<Version<Row>> {
    const values = new Values();
    const given = new Map(this.#written(body, values));
    const sets = Object.entries(this.definition.columns)
      .filter(
        ([name, { generated }]) =>
          !generated &&
          (given.has(name) || !this.definition.key.includes(name)),
      )
      .map(([name]): [string, string] => [name, given.get(name) ?? "DEFAULT"]);
    return this.#set(key, sets, values, caller, ifMatch);
  }

  /** Changes the columns of a row that the body names. */
  async update(
    key: Asked,
    body: Change,
    caller: Caller,
    ifMatch?: string,
  ): Promise<Version<Row>> {
    const values = new Values();
    return this.#set(key, this.#written(body, values), values, caller, ifMatch);
  }

  /** Deletes a row. */
  async remove(key: Asked, caller: Caller, ifMatch?: string): Promise<void> {
    const values = new Values();
    const where = [
      ...this.#at(key, values),
      ...this.#unchanged(ifMatch, values),
    ];
    // Rows that refer to this one are in the way: the constraints are theirs.
    await session(caller, {}, async (run) => {
      const text = `DELETE FROM ${this.#name} AS t${clause(where)} RETURNING 1 AS "gone"`;
      const gone = await run(text, values.list);
      if (gone.length === 0) {
        throw await this.#absence(run, key);
      }
    });
  }

  async #set(
    key: Asked,
    sets: readonly (readonly [string, string])[],
    values: Values,
    caller: Caller,
    ifMatch: string | undefined,
  ): Promise<Version<Row>> {
    const assigned = sets.map(([name, value]) => `${quote(name)} = ${value}`);
    const where = [
      ...this.#at(key, values),
      ...this.#unchanged(ifMatch, values),
    ];
    // Where everything is the key or made by the database, there is nothing to set.
    const text =
      assigned.length > 0
        ? `UPDATE ${this.#name} AS t SET ${assigned.join(", ")}${clause(where)} RETURNING ${this.#selected({}, [])}`
        : `SELECT ${this.#selected({}, [])} FROM ${this.#name} t${clause(where)}`;
    return session(caller, this.#constraints, async (run) => {
      const [found] = await ask(run, text, values.list);
      if (!found) {
        throw await this.#absence(run, key);
      }
      return this.#version(found);
    });
  }

  get #name(): string {
    const { schema, name } = this.definition;
    return `${quote(schema)}.${quote(name)}`;
  }

  get #constraints(): Constraints {
    return this.definition.constraints ?? {};
  }

  /** What rows are ordered by when nothing else is said. */
  #order(): readonly string[] {
    const { columns, key } = this.definition;
    return key.length > 0
      ? key
      : Object.keys(columns).filter((name) => !columns[name]?.uncompared);
  }

  /** The list of what a statement returns of the row t. */
  #selected(query: Asked, steps: readonly Step[]): string {
    const { columns, version } = this.definition;
    const { fields, include = [] } = query as Choice;
    const names = Object.keys(columns).filter(
      (name) => !columns[name]?.hidden && (fields?.includes(name) ?? true),
    );
    const list = [`${asJson(columns, names)} AS "row"`];
    if (steps.length > 0) {
      list.push(`${texts(steps.map(({ name }) => name))} AS "at"`);
    }
    if (version !== undefined) {
      list.push(`${of(version)}::text AS "version"`);
    }
    [...new Set(include)].forEach((name, index) => {
      const relation = this.definition.relations?.[name];
      list.push(`${texts(relation?.columns ?? [])} AS "link${index}"`);
    });
    return list.join(", ");
  }

  /** Adds the related rows that were asked for: one statement for each relation. */
  async #relate(run: Query, query: Asked, page: readonly Found[]) {
    const { include = [] } = query as Choice;
    for (const [index, name] of [...new Set(include)].entries()) {
      const relation = this.definition.relations?.[name];
      if (!relation) {
        continue;
      }
      const links = new Map<string, (string | null)[]>();
      for (const found of page) {
        const link = found[`link${index}`] ?? [];
        if (!link.includes(null)) {
          links.set(JSON.stringify(link), link);
        }
      }
      const related = await relatedRows(run, relation, links);
      for (const found of page) {
        const rows = related.get(JSON.stringify(found[`link${index}`])) ?? [];
        found.row[name] = relation.many ? rows : (rows[0] ?? null);
      }
    }
  }

  /** The conditions of filters such as price[gte]=5. */
  #filters(query: Asked, values: Values): string[] {
    const where: string[] = [];
    for (const [name, column] of Object.entries(this.definition.columns)) {
      const filter = query[name];
      if (column.uncompared || typeof filter !== "object" || !filter) {
        continue;
      }
      for (const [operator, value] of Object.entries(filter) as [
        string,
        unknown,
      ][]) {
        if (operator === "null") {
          where.push(`${of(name)} IS ${value === true ? "" : "NOT "}NULL`);
        } else if (operator === "in") {
          const list = (value as unknown[]).map((one) =>
            values.of(column, one),
          );
          where.push(`${of(name)} IN (${list.join(", ") || "NULL"})`);
        } else if (Object.hasOwn(operators, operator)) {
          where.push(
            `${of(name)} ${operators[operator]} ${values.of(column, value)}`,
          );
        }
      }
    }
    return where;
  }

  #at(key: Asked, values: Values): string[] {
    const { columns } = this.definition;
    return this.definition.key.map((name) => {
      const column = columns[name] ?? { type: "text" };
      return `${of(name)} = ${values.of(column, key[name])}`;
    });
  }

  /** The condition that a row still has one of the tags of an If-Match header. */
  #unchanged(ifMatch: string | undefined, values: Values): string[] {
    const { version } = this.definition;
    if (ifMatch === undefined || ifMatch.trim() === "*") {
      return [];
    }
    const tags = [...ifMatch.matchAll(/(W\/)?"([^"]*)"/g)]
      .filter(([, weak]) => weak === undefined)
      .map(([, , tag = ""]) => decode(tag));
    return version === undefined
      ? ["FALSE"]
      : [`${of(version)}::text = ANY (${values.typed(tags, "text[]")})`];
  }

  /** Why a row that was to be written was not there. */
  async #absence(run: Query, key: Asked): Promise<ApiError> {
    const values = new Values();
    const there = await run(
      `SELECT 1 AS "there" FROM ${this.#name} t${clause(this.#at(key, values))}`,
      values.list,
    );
    return there.length === 0
      ? missing()
      : new ApiError(
          412,
          "PRECONDITION_FAILED",
          "The row has changed since it was read",
        );
  }

  /** The columns that a body names, each with the SQL of its value. */
  #written(body: object, values: Values): [string, string][] {
    const given = body as Asked;
    return Object.entries(this.definition.columns)
      .filter(
        ([name, { generated }]) =>
          !generated && Object.hasOwn(given, name) && given[name] !== undefined,
      )
      .map(([name, column]) => [name, values.of(column, given[name])]);
  }

  #version({ row, version }: Found): Version<Row> {
    const etag =
      typeof version === "string"
        ? `"${encodeURIComponent(version)}"`
        : undefined;
    return { row: row as Row, etag };
  }
}

async function ask(
  run: Query,
  text: string,
  values: readonly unknown[],
): Promise<Found[]> {
  return (await run(text, values)) as Found[];
}

function texts(names: readonly string[]): string {
  return `ARRAY[${names.map((name) => `${of(name)}::text`).join(", ")}]::text[]`;
}

function clause(conditions: readonly string[]): string {
  return conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
}

function decode(tag: string): string {
  try {
    return decodeURIComponent(tag);
  } catch {
    return tag;
  }
}

function missing(): ApiError {
  return new ApiError(404, "NOT_FOUND", "There is no such row");
}
