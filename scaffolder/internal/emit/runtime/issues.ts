/** What schemas are made of: values that pass, and issues where they do not. */
import { z } from "zod";

export type Check<T> = (payload: z.core.ParsePayload<T>) => void;
export type Issues = z.core.$ZodRawIssue[];
export type Properties = Record<string, unknown>;

/** What of an object or an array a schema has looked at. */
export interface Seen {
  keys: Set<string>;
  items: Set<number>;
}
export type Look = (value: unknown, seen: Seen) => void;

export const looks = new WeakMap<object, Look>();

/** The schemas inside one that cannot be asked for them: of the same value, of a member, of an item. */
export interface Inside {
  same?: readonly z.core.$ZodType[];
  member?: (name: string) => readonly z.core.$ZodType[];
  item?: (index: number) => readonly z.core.$ZodType[];
}

export const insides = new WeakMap<object, Inside>();

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function has(value: Properties, key: string): boolean {
  return Object.hasOwn(value, key);
}

export function put(target: Properties, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

export function fail(
  issues: Issues,
  input: unknown,
  message: string,
  path: PropertyKey[] = [],
): void {
  issues.push({ code: "custom", message, path, input, continue: true });
}

/** Says what is wrong where zod's own words would not tell. */
export const describe: z.core.$ZodErrorMap = (issue) =>
  issue.input === undefined && issue.code === "invalid_type"
    ? "Required"
    : undefined;

export function run(
  schema: z.ZodType,
  value: unknown,
  issues: Issues,
  path: PropertyKey[] = [],
): unknown {
  const result = schema.safeParse(value, { error: describe });
  if (result.success) {
    return result.data;
  }
  for (const issue of result.error.issues) {
    issues.push({
      ...issue,
      path: [...path, ...issue.path],
      input: value,
    } as z.core.$ZodRawIssue);
  }
  return value;
}

export function passes(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

/** Keeps these with the transformation: copies of the schema share that. */
export function remember(schema: z.ZodPipe, look: Look, inside: Inside): void {
  looks.set(schema._zod.def.out, look);
  insides.set(schema._zod.def.out, inside);
}

export function custom(
  parse: (value: unknown, issues: Issues) => unknown,
  look?: Look,
  inside: Inside = {},
): z.ZodType {
  const schema = z.unknown().transform((value, context) => {
    if (value === undefined) {
      fail(context.issues, value, "Required");
      return value;
    }
    return parse(value, context.issues);
  });
  if (look) {
    remember(schema, look, inside);
  }
  return schema;
}

export function check<T>(
  test: Check<T>,
  look: Look,
  inside: Inside = {},
): Check<T> {
  looks.set(test, look);
  insides.set(test, inside);
  return test;
}

/** Notes in seen which keys and items of a value that it matches a schema looks at. */
export function look(
  schema: z.core.$ZodType,
  value: unknown,
  seen: Seen,
): void {
  const own = looks.get(schema);
  const { checks = [] } = schema._zod.def;
  for (const one of checks) {
    looks.get(one._zod.check)?.(value, seen);
  }
  if (own) {
    own(value, seen);
    return;
  }
  const def = (schema as z.core.$ZodTypes)._zod.def;
  switch (def.type) {
    case "object":
      lookAtObject(def, value, seen);
      break;
    case "record":
      Object.keys(isObject(value) ? value : {}).forEach((key) =>
        seen.keys.add(key),
      );
      break;
    case "array":
      if (Array.isArray(value) && def.element._zod.def.type !== "unknown") {
        value.forEach((_, index) => seen.items.add(index));
      }
      break;
    case "union":
      for (const option of def.options) {
        if (z.safeParse(option, value).success) {
          look(option, value, seen);
        }
      }
      break;
    case "lazy":
      look(def.getter(), value, seen);
      break;
    case "pipe":
      look(def.out, value, seen);
      break;
    case "optional":
    case "nullable":
    case "default":
      look(def.innerType, value, seen);
      break;
    default:
      break;
  }
}

export function lookAtObject(
  def: z.core.$ZodObjectDef,
  value: unknown,
  seen: Seen,
): void {
  const open =
    def.catchall === undefined || def.catchall._zod.def.type === "unknown";
  for (const key of isObject(value) ? Object.keys(value) : []) {
    const own = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
    if (own ? own._zod.def.type !== "any" : !open) {
      seen.keys.add(key);
    }
  }
}
