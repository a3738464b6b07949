/** Columns: what tables.ts says of them, and the SQL that reads and writes them. */

/** How values are carried in JSON; without a form as PostgreSQL itself does. */
export type Form =
  "text" | "utc" | "base64" | "json" | "record" | "records" | "pairs";

export interface Column {
  /** The type as SQL writes it; of records that of one of them. */
  type: string;
  form?: Form;
  /** Of records, where some of them have a form. */
  fields?: Columns;
  nullable?: true;
  /** The database alone writes it. */
  generated?: true;
  /** It is never answered. */
  hidden?: true;
  /** Rows are neither found nor sorted by it. */
  uncompared?: true;
}

export type Columns = Readonly<Record<string, Column>>;

/** A name as SQL writes it, whatever it holds. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The column of the row t. */
export function of(name: string): string {
  return `t.${quote(name)}`;
}

/** The SQL of one JSON object with some columns of the row t, or of another. */
export function asJson(
  columns: Columns,
  names: readonly string[],
  row = "t",
  depth = 0,
): string {
  const list = names.map((name) => {
    const value = read(`${row}.${quote(name)}`, columns[name], depth);
    return `${value} AS ${quote(name)}`;
  });
  return `(SELECT row_to_json(r.*) FROM (SELECT ${list.join(", ")}) r)`;
}

/** The SQL of a value as JSON carries it. */
export function read(
  value: string,
  column: Column | undefined,
  depth = 0,
): string {
  const { type = "", form, fields } = column ?? {};
  const record = (one: string) =>
    `CASE WHEN ${one} IS DISTINCT FROM NULL THEN ${asJson(fields ?? {}, Object.keys(fields ?? {}), `(${one})`, depth + 1)} END`;
  switch (form) {
    case "text":
      return `${value}::text${type.endsWith("[]") ? "[]" : ""}`;
    case "utc":
      return `(${value} AT TIME ZONE 'UTC')`;
    case "base64":
      return `translate(encode(${value}, 'base64'), E'\\n', '')`;
    case "record":
      return fields ? record(value) : value;
    case "records": {
      if (!fields) {
        return value;
      }
      const index = `i${depth}`;
      const list = `SELECT coalesce(json_agg(${record(`(${value})[${index}]`)} ORDER BY ${index}), '[]') FROM generate_subscripts(${value}, 1) ${index}`;
      return `CASE WHEN ${value} IS NOT NULL THEN (${list}) END`;
    }
    default:
      return value;
  }
}

/** The parameters of one statement. */
export class Values {
  readonly list: unknown[] = [];

  /** Adds a value of a column's, and returns the SQL that stands for it. */
  of(column: Column, value: unknown): string {
    const { type, form } = column;
    if (value === null || value === undefined) {
      return "NULL";
    }
    switch (form) {
      case "utc":
        return `(${this.add(value)}::timestamptz AT TIME ZONE 'UTC')`;
      case "base64":
        return `decode(${this.add(value)}, 'base64')`;
      case "json":
        return Array.isArray(value) && type.endsWith("[]")
          ? this.typed(
              value.map((item) => JSON.stringify(item)),
              type,
            )
          : this.typed(JSON.stringify(value), type);
      case "record":
        return `jsonb_populate_record(NULL::${type}, ${this.json(column, value)})`;
      case "records": {
        const each = `jsonb_array_elements(${this.json(column, value)}) WITH ORDINALITY e(v, n)`;
        const one = `CASE WHEN e.v <> 'null' THEN jsonb_populate_record(NULL::${type}, e.v) END`;
        return `ARRAY(SELECT ${one} FROM ${each} ORDER BY e.n)`;
      }
      case "pairs":
        return this.typed(
          Array.isArray(value) ? value.map(pairs) : pairs(value),
          type,
        );
      default:
        return this.typed(value, type);
    }
  }

  /** Adds a value as the text that PostgreSQL printed of it, or a plain one. */
  typed(value: unknown, type: string): string {
    return `${this.add(value)}::${type}`;
  }

  private json(column: Column, value: unknown): string {
    return this.typed(JSON.stringify(inRecord(column, value)), "jsonb");
  }

  private add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}

/** An hstore as text, of the members of an object. */
function pairs(value: unknown): string | null {
  if (typeof value !== "object" || value === null) {
    return null;
  }
  const quoted = (text: unknown) =>
    text === null ? "NULL" : `"${String(text).replace(/["\\]/g, "\\$&")}"`;
  return Object.entries(value)
    .map(([name, item]) => `${quoted(name)}=>${quoted(item)}`)
    .join(",");
}

/** A time with a zone as one without, in UTC, with all digits of its second. */
function inUTC(value: string): string {
  const whole = new Date(value.replace(/\.\d+/, ""));
  if (Number.isNaN(whole.getTime())) {
    return value;
  }
  const [fraction = ""] = /\.\d+/.exec(value) ?? [];
  return whole.toISOString().slice(0, -5) + fraction;
}

/** A value as PostgreSQL reads it within the JSON of a record. */
function inRecord(column: Column, value: unknown): unknown {
  const { form, fields } = column;
  if (form === "pairs") {
    return Array.isArray(value) ? value.map(pairs) : pairs(value);
  }
  if (form === "records" && Array.isArray(value)) {
    const one: Column = { ...column, form: "record" };
    return value.map((item) => inRecord(one, item));
  }
  if (form === "record" && fields && typeof value === "object" && value) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]): [string, unknown] => {
        const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
        return [name, field ? inRecord(field, item) : item];
      }),
    );
  }
  if (typeof value !== "string") {
    return value;
  }
  switch (form) {
    case "base64":
      return `\\x${Buffer.from(value, "base64").toString("hex")}`;
    case "utc":
      return inUTC(value);
    default:
      return value;
  }
}
