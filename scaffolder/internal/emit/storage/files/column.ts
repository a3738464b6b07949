/** Columns: what tables.ts says of them, and the SQL that reads and writes them. */

/** How values are carried in JSON; without a form as PostgreSQL itself does. */
export type Form =
  "text" | "utc" | "base64" | "json" | "record" | "records" | "pairs";

export interface Column {
  /** The type as SQL writes it; of records that of one of them. */
  type: string;
  form?: Form;
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

/** The SQL of one JSON object with the columns of the row t. */
export function asJson(columns: Columns, names: readonly string[]): string {
  const list = names.map(
    (name) => `${read(name, columns[name])} AS ${quote(name)}`,
  );
  return `(SELECT row_to_json(r) FROM (SELECT ${list.join(", ")}) r)`;
}

function read(name: string, column: Column | undefined): string {
  switch (column?.form) {
    case "text":
      return `${of(name)}::text${column.type.endsWith("[]") ? "[]" : ""}`;
    case "utc":
      return `(${of(name)} AT TIME ZONE 'UTC')`;
    case "base64":
      return `translate(encode(${of(name)}, 'base64'), E'\\n', '')`;
    default:
      return of(name);
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
        return `jsonb_populate_record(NULL::${type}, ${this.typed(JSON.stringify(value), "jsonb")})`;
      case "records":
        return `ARRAY(SELECT jsonb_populate_recordset(NULL::${type}, ${this.typed(JSON.stringify(value), "jsonb")}))`;
      case "pairs":
        return `(SELECT coalesce(hstore(array_agg(p.key), array_agg(p.value)), '') FROM jsonb_each_text(${this.typed(JSON.stringify(value), "jsonb")}) p)`;
      default:
        return this.typed(value, type);
    }
  }

  /** Adds a value as the text that PostgreSQL printed of it, or a plain one. */
  typed(value: unknown, type: string): string {
    return `${this.add(value)}::${type}`;
  }

  private add(value: unknown): string {
    this.list.push(value);
    return `$${this.list.length}`;
  }
}
