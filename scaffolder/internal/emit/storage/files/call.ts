/** Calls the functions of the database. */
import {
  asJson,
  type Column,
  type Columns,
  quote,
  read,
  Values,
} from "./column.js";
import { type Caller, session } from "./session.js";

/** What functions.ts says of a function. */
export interface Callable {
  schema: string;
  name: string;
  parameters: Columns;
  /** It returns several rows or values. */
  many?: true;
  /** The fields of the rows that it returns. */
  fields?: Columns;
  /** How the value that it returns is carried. */
  result?: Column;
}

/** Calls a function with named arguments; those left out are what they are by default. */
export async function call<Result>(
  { schema, name, parameters, many, fields, result }: Callable,
  body: object,
  caller: Caller,
): Promise<Result> {
  const given = body as Readonly<Record<string, unknown>>;
  const values = new Values();
  const list = Object.entries(parameters)
    .filter(
      ([parameter]) =>
        Object.hasOwn(given, parameter) && given[parameter] !== undefined,
    )
    .map(
      ([parameter, column]) =>
        `${quote(parameter)} => ${values.of(column, given[parameter])}`,
    );
  const called = `${quote(schema)}.${quote(name)}(${list.join(", ")})`;
  let one = read("t.v", result);
  let from = `(SELECT ${called} AS v) t`;
  if (fields) {
    one = asJson(fields, Object.keys(fields));
    from = `${called} t`;
  }
  const text = many
    ? `SELECT coalesce(json_agg(${one}), '[]') AS "result" FROM ${from}`
    : `SELECT to_json(${one}) AS "result" FROM ${from}`;
  return session(caller, {}, async (run) => {
    const [found] = await run<{ result: Result }>(text, values.list);
    return (found?.result ?? null) as Result;
  });
}
