/** Calls the functions of the database. */
import { type Columns, type Form, quote, Values } from "./column.js";
import { type Caller, session } from "./session.js";

/** What functions.ts says of a function. */
export interface Callable {
  schema: string;
  name: string;
  parameters: Columns;
  /** It returns rows. */
  many?: true;
  form?: Form;
  /** Fields that are never answered. */
  hidden?: readonly string[];
}

/** Calls a function with named arguments; those left out are what they are by default. */
export async function call<Result>(
  { schema, name, parameters, many, form, hidden = [] }: Callable,
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
  const shown = hidden.length > 0 ? ` - ${values.typed(hidden, "text[]")}` : "";
  const text = many
    ? `SELECT coalesce(json_agg(to_jsonb(r)${shown}), '[]') AS "result" FROM ${called} r`
    : `SELECT to_jsonb(${result(called, form)})${shown} AS "result"`;
  return session(caller, {}, async (run) => {
    const [found] = await run<{ result: Result }>(text, values.list);
    return (found?.result ?? null) as Result;
  });
}

function result(called: string, form: Form | undefined): string {
  switch (form) {
    case "text":
      return `${called}::text`;
    case "utc":
      return `${called} AT TIME ZONE 'UTC'`;
    case "base64":
      return `translate(encode(${called}, 'base64'), E'\\n', '')`;
    default:
      return called;
  }
}
