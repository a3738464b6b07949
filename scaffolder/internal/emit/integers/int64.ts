/** Integers of 64 bits, of which no digit is lost. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { insides, put, type Properties } from "./issues.js";

type Int64 = number | bigint;
type Schema = z.core.$ZodType;

function isInt64(value: unknown): value is Int64 {
  return typeof value === "bigint"
    ? BigInt.asIntN(64, value) === value
    : Number.isSafeInteger(value);
}

/** A number as far as numbers are exact, and a bigint beyond. */
export const int64 = z.custom<Int64>(isInt64, {
  error: ({ input }) =>
    input === undefined
      ? "Required"
      : "Invalid input: expected an integer of 64 bits",
});

/** Tells schemas that integers beyond those of a number may match. */
function isExact(schema: Schema): boolean {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === "literal") {
    return def.values.some((value) => typeof value === "bigint");
  }
  return def.type === "custom" && (def as { fn?: unknown }).fn === isInt64;
}

/** Writes JSON, and bigints as the digits that they are. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) {
      throw thrown;
    }
  }
  // JSON.stringify takes no bigints: they pass as text with a mark.
  const mark = randomUUID();
  const marked = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "bigint" ? `${mark}${inner}` : inner,
  );
  return marked.replaceAll(new RegExp(`"${mark}(-?\\d+)"`, "g"), "$1");
}

/**
 * Reads JSON like JSON.parse. Integers that a number cannot hold become bigints
 * where the schema has one of 64 bits. The path leads to the part of the schema
 * that the text is for.
 */
export function exactly(
  text: string,
  schema?: Schema,
  ...path: string[]
): unknown {
  const plain = JSON.parse(text) as unknown;
  if (!schema || !/(?:^|[[:,\s])-?\d{16}/.test(text)) {
    return plain;
  }
  let own: Schema[] = [schema];
  for (const name of path) {
    own = own.flatMap((one) => memberOf(one, name));
    own.push(...own.flatMap((one) => itemOf(one, 0))); // or it is one of several
  }
  return valueOf(own, tokensOf(text));
}

/** The tokens of a text that is known to be JSON, without colons and commas. */
function* tokensOf(text: string): Generator<string, undefined> {
  const plain = /[[\]{}]|[^\s[\]{}:,"]+/y;
  for (let at = 0; at < text.length;) {
    const start = at;
    plain.lastIndex = at;
    if (text[at] === '"') {
      at = endOfString(text, at);
      yield text.slice(start, at);
    } else if (plain.test(text)) {
      at = plain.lastIndex;
      yield text.slice(start, at);
    } else {
      at++;
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); ;) {
    let escapes = 0;
    while (text[end - 1 - escapes] === "\\") {
      escapes++;
    }
    if (escapes % 2 === 0) {
      return end + 1;
    }
    end = text.indexOf('"', end + 1);
  }
}

type Tokens = Generator<string, undefined>;

function valueOf(
  schemas: readonly Schema[],
  tokens: Tokens,
  token = tokens.next().value,
): unknown {
  if (token === "[") {
    const items: unknown[] = [];
    for (let next = tokens.next().value; next !== "]";) {
      const index = items.length;
      const own = schemas.flatMap((one) => itemOf(one, index));
      items.push(valueOf(own, tokens, next));
      next = tokens.next().value;
    }
    return items;
  }
  if (token === "{") {
    const result: Properties = {};
    for (let next = tokens.next().value; next !== "}";) {
      const name = JSON.parse(next ?? "") as string;
      const own = schemas.flatMap((one) => memberOf(one, name));
      if (name === "__proto__") {
        put(result, name, valueOf(own, tokens));
      } else {
        result[name] = valueOf(own, tokens);
      }
      next = tokens.next().value;
    }
    return result;
  }
  const value = JSON.parse(token ?? "") as unknown;
  return typeof value === "number" &&
    !Number.isSafeInteger(value) &&
    /^-?\d{16,19}$/.test(token ?? "") &&
    schemas.some((one) => alike(one).some(isExact))
    ? BigInt(token ?? "")
    : value;
}

const known = new WeakMap<Schema, readonly Schema[]>();

/** A schema, and those that it hands the same value on to. */
function alike(schema: Schema): readonly Schema[] {
  const found = known.get(schema);
  if (found) {
    return found;
  }
  const all = new Set([schema]);
  for (const one of all) {
    handedTo(one).forEach((other) => all.add(other));
  }
  known.set(schema, [...all]);
  return [...all];
}

function handedTo(schema: Schema): readonly Schema[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const checked = (def.checks ?? []).flatMap(
    (one) => insides.get(one._zod.check)?.same ?? [],
  );
  const own = insides.get(schema)?.same ?? [];
  switch (def.type) {
    case "union":
      return [...def.options, ...checked];
    case "lazy":
      return [def.getter(), ...checked];
    case "pipe":
      return [def.in, def.out, ...checked];
    case "optional":
    case "nullable":
    case "default":
      return [def.innerType, ...checked];
    default:
      return [...own, ...checked];
  }
}

function memberOf(schema: Schema, name: string): Schema[] {
  return alike(schema).flatMap((one) => {
    const { def } = (one as z.core.$ZodTypes)._zod;
    if (def.type === "object") {
      const own = Object.hasOwn(def.shape, name)
        ? def.shape[name]
        : def.catchall;
      return own ? [own] : [];
    }
    return def.type === "record"
      ? [def.valueType]
      : (insides.get(one)?.member?.(name) ?? []);
  });
}

function itemOf(schema: Schema, index: number): readonly Schema[] {
  return alike(schema).flatMap((one) => {
    const { def } = (one as z.core.$ZodTypes)._zod;
    if (def.type === "tuple") {
      return def.items[index] ?? def.rest ?? [];
    }
    return def.type === "array"
      ? [def.element]
      : (insides.get(one)?.item?.(index) ?? []);
  });
}
