/**
 * What JSON Schema says and zod does not: keywords that hold for one type of
 * value alone, combinations, and what depends on other properties.
 */
import { z } from "zod";

type Check<T> = (payload: z.core.ParsePayload<T>) => void;
type Issues = z.core.$ZodRawIssue[];
type Properties = Record<string, unknown>;

/** What of an object or an array a schema has looked at. */
interface Seen {
  keys: Set<string>;
  items: Set<number>;
}
type Look = (value: unknown, seen: Seen) => void;

const looks = new WeakMap<object, Look>();

function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function has(value: Properties, key: string): boolean {
  return Object.hasOwn(value, key);
}

function put(target: Properties, key: string, value: unknown): void {
  Object.defineProperty(target, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

function fail(
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

function run(
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

function passes(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}

function custom(
  parse: (value: unknown, issues: Issues) => unknown,
  look?: Look,
): z.ZodType {
  const schema = z.unknown().transform((value, context) => {
    if (value === undefined) {
      fail(context.issues, value, "Required");
      return value;
    }
    return parse(value, context.issues);
  });
  if (look) {
    looks.set(schema, look);
  }
  return schema;
}

function check<T>(test: Check<T>, look?: Look): Check<T> {
  if (look) {
    looks.set(test, look);
  }
  return test;
}

/** At least so many characters, as Unicode counts them. */
export function minLength(limit: number): Check<string> {
  return ({ value, issues }) => {
    if (value.length < 2 * limit && [...value].length < limit) {
      fail(issues, value, `Too short: expected at least ${limit} characters`);
    }
  };
}

/** At most so many characters, as Unicode counts them. */
export function maxLength(limit: number): Check<string> {
  return ({ value, issues }) => {
    if (value.length > limit && [...value].length > limit) {
      fail(issues, value, `Too long: expected at most ${limit} characters`);
    }
  };
}

/** Matches a regular expression, anywhere unless it is anchored. */
export function pattern(source: string): Check<string> {
  const expression = compile(source);
  return ({ value, issues }) => {
    if (expression && !expression.test(value)) {
      fail(issues, value, `Invalid: must match pattern ${source}`);
    }
  };
}

const compiled = new Map<string, RegExp | undefined>();

function compile(source: string): RegExp | undefined {
  if (compiled.has(source)) {
    return compiled.get(source);
  }
  let expression: RegExp | undefined;
  for (const flags of ["u", ""]) {
    try {
      expression = new RegExp(source, flags);
      break;
    } catch {
      // Without the flag more is allowed; what is no expression then either
      // cannot be checked.
    }
  }
  compiled.set(source, expression);
  return expression;
}

const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const formats: Record<string, (value: string) => boolean> = {
  "date-time": (value) => {
    const [date = "", time = ""] = value.split(/[Tt ]/, 2);
    return (
      isDate(date) &&
      isTime(time) &&
      value.length === date.length + time.length + 1
    );
  },
  date: isDate,
  time: isTime,
  duration: (value) =>
    /^P(?:\d+W|(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?)$/.test(
      value,
    ),
  email: (value) =>
    /^(?:"[^"\r\n]+"|[^\s"@.]+(?:\.[^\s"@.]+)*)@(?:[^\s@.[\]]+(?:\.[^\s@.[\]]+)*|\[[^\s\]]+\])$/.test(
      value,
    ),
  hostname: (value) =>
    value.length < 254 &&
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i.test(
      value,
    ),
  ipv4: (value) => new RegExp(`^(?:${octet}\\.){3}${octet}$`).test(value),
  uri: (value) => /^[a-z][a-z0-9+.-]*:/i.test(value) && isReference(value),
  "uri-reference": isReference,
  "json-pointer": (value) => /^(?:\/(?:[^~/]|~[01])*)*$/.test(value),
  regex: (value) => compile(value) !== undefined,
  decimal: (value) => /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value),
  integer: (value) => /^[+-]?\d+$/.test(value),
  byte: (value) =>
    value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
};

function isDate(value: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (!match) {
    return false;
  }
  const [year, month, day] = match.slice(1).map(Number) as [
    number,
    number,
    number,
  ];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isTime(value: string): boolean {
  const match = /^(\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:Z|[+-](\d\d):(\d\d))$/i.exec(
    value,
  );
  if (!match) {
    return false;
  }
  const [hour = 0, minute = 0, second = 0, offsetHour = 0, offsetMinute = 0] =
    match.slice(1).map((part) => Number(part ?? 0));
  return (
    hour < 24 &&
    minute < 60 &&
    second < 61 &&
    offsetHour < 24 &&
    offsetMinute < 60
  );
}

function isReference(value: string): boolean {
  return !/[\s<>"{}|\\^`]|%(?![0-9a-f]{2})/i.test(value);
}

/** One of the formats that zod has no word for, or another one. */
export function format(name: string): Check<string> {
  return ({ value, issues }) => {
    if (formats[name]?.(value) === false) {
      fail(issues, value, `Invalid ${name}`);
    }
  };
}

/** A multiple of a number, counted in decimal digits. */
export function multipleOf(step: number): Check<number> {
  return ({ value, issues }) => {
    const quotient = value / step;
    const nearest = Math.round(quotient);
    const close =
      Math.abs(quotient - nearest) <= Math.abs(quotient) * Number.EPSILON * 2;
    if (!close || (Number.isFinite(quotient) === false && value % step !== 0)) {
      fail(issues, value, `Invalid number: must be a multiple of ${step}`);
    }
  };
}

/** A string that stands for the same value in every order of its members. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join()}]`;
  }
  if (isObject(value)) {
    const members = Object.keys(value).sort();
    return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
  }
  return JSON.stringify(value === 0 ? 0 : value);
}

/** One of some values of any type, compared by content. */
export function oneOfValues(...values: unknown[]): z.ZodType {
  const allowed = new Set(values.map(canonical));
  return custom((value, issues) => {
    if (!allowed.has(canonical(value))) {
      fail(
        issues,
        value,
        `Invalid option: expected one of ${[...allowed].join("|")}`,
      );
    }
    return value;
  });
}

/** No two items are the same. */
export const uniqueItems: Check<readonly unknown[]> = ({ value, issues }) => {
  const seen = new Map<string, number>();
  value.forEach((item, index) => {
    const text = canonical(item);
    const first = seen.get(text);
    if (first !== undefined) {
      fail(issues, item, `Duplicate of item ${first}`, [index]);
    } else {
      seen.set(text, index);
    }
  });
};

/** Some of the items match a schema. */
export function contains(
  schema: z.ZodType,
  min = 1,
  max = Infinity,
): Check<readonly unknown[]> {
  const matching = (items: readonly unknown[]) =>
    items.flatMap((item, index) => (passes(schema, item) ? [index] : []));
  return check(
    ({ value, issues }) => {
      const count = matching(value).length;
      if (count < min || count > max) {
        const wanted =
          max === Infinity ? `at least ${min}` : `${min} to ${max}`;
        fail(
          issues,
          value,
          `Expected ${wanted} matching items, found ${count}`,
        );
      }
    },
    (value, seen) => {
      if (Array.isArray(value)) {
        matching(value).forEach((index) => seen.items.add(index));
      }
    },
  );
}

/** The first items, each with a schema of its own, and those after them. */
export function tuple(
  first: z.ZodType[],
  rest?: z.ZodType,
): z.ZodType<unknown[]> {
  const schema = z.array(z.unknown()).transform((items, { issues }) =>
    items.map((item, index) => {
      const schema = first[index] ?? rest;
      return schema ? run(schema, item, issues, [index]) : item;
    }),
  );
  looks.set(schema, (value, seen) => {
    if (Array.isArray(value)) {
      value
        .slice(0, rest ? undefined : first.length)
        .forEach((_, index) => seen.items.add(index));
    }
  });
  return schema;
}

/** At least so many items. */
export function minItems(limit: number): Check<readonly unknown[]> {
  return ({ value, issues }) => {
    if (value.length < limit) {
      fail(issues, value, `Too few items: expected at least ${limit}`);
    }
  };
}

/** At most so many items. */
export function maxItems(limit: number): Check<readonly unknown[]> {
  return ({ value, issues }) => {
    if (value.length > limit) {
      fail(issues, value, `Too many items: expected at most ${limit}`);
    }
  };
}

/** At least so many properties. */
export function minProperties(limit: number): Check<object> {
  return ({ value, issues }) => {
    if (Object.keys(value).length < limit) {
      fail(issues, value, `Too few properties: expected at least ${limit}`);
    }
  };
}

/** At most so many properties. */
export function maxProperties(limit: number): Check<object> {
  return ({ value, issues }) => {
    if (Object.keys(value).length > limit) {
      fail(issues, value, `Too many properties: expected at most ${limit}`);
    }
  };
}

/** Every property's name matches a schema. */
export function propertyNames(schema: z.ZodType): Check<object> {
  return ({ value, issues }) => {
    for (const key of Object.keys(value)) {
      run(schema, key, issues, [key]);
    }
  };
}

/** Where one property is, others must be. */
export function dependentRequired(
  required: [string, string[]][],
): Check<object> {
  return ({ value, issues }) => {
    for (const [key, others] of required) {
      for (const other of Object.hasOwn(value, key) ? others : []) {
        if (!Object.hasOwn(value, other)) {
          fail(issues, undefined, `Required when ${key} is given`, [other]);
        }
      }
    }
  };
}

/** Where a property is, the whole object matches a schema. */
export function dependentSchemas(
  schemas: [string, z.ZodType][],
): Check<object> {
  return check(
    ({ value, issues }) => {
      for (const [key, schema] of schemas) {
        if (Object.hasOwn(value, key)) {
          run(schema, value, issues);
        }
      }
    },
    (value, seen) => {
      for (const [key, schema] of schemas) {
        if (isObject(value) && has(value, key)) {
          look(schema, value, seen);
        }
      }
    },
  );
}

interface Shape {
  properties?: [string, z.ZodType][];
  required?: string[];
  patterns?: [string, z.ZodType][];
  additional?: z.ZodType;
}

/** An object whose properties go by patterns, or have unusual names. */
export function objectOf(shape: Shape): z.ZodType<Record<string, unknown>> {
  const { required = [], additional } = shape;
  const properties = new Map(shape.properties);
  const patterns = (shape.patterns ?? []).map(
    ([source, schema]) => [compile(source), schema] as const,
  );
  const schemasOf = (key: string) => {
    const own = properties.get(key);
    const schemas = patterns.flatMap(([expression, schema]) =>
      expression?.test(key) ? [schema] : [],
    );
    return own ? [own, ...schemas] : schemas;
  };
  const base = z.custom<Properties>(isObject, "Invalid input: expected object");
  const schema = base.transform((value, { issues }) => {
    const result: Properties = {};
    for (const key of required) {
      if (!has(value, key)) {
        fail(issues, undefined, "Required", [key]);
      }
    }
    for (const [key, schema] of properties) {
      if (!has(value, key) && !required.includes(key)) {
        const parsed = schema.safeParse(undefined);
        if (parsed.success && parsed.data !== undefined) {
          put(result, key, parsed.data);
        }
      }
    }
    for (const key of Object.keys(value)) {
      const schemas = schemasOf(key);
      if (schemas.length === 0 && additional) {
        schemas.push(additional);
      }
      put(
        result,
        key,
        schemas.reduce(
          (item, schema) => run(schema, item, issues, [key]),
          value[key],
        ),
      );
    }
    return result;
  });
  looks.set(schema, (value, seen) => {
    for (const key of isObject(value) ? Object.keys(value) : []) {
      if (additional || schemasOf(key).length > 0) {
        seen.keys.add(key);
      }
    }
  });
  return schema;
}

/** Properties that only answers hold: they are taken out of what arrives. */
export function withoutReadOnly(names: string[], schema: z.ZodType): z.ZodType {
  return custom(
    (value, issues) => {
      if (!isObject(value) || !names.some((name) => has(value, name))) {
        return run(schema, value, issues);
      }
      const kept: Properties = {};
      for (const key of Object.keys(value)) {
        if (!names.includes(key)) {
          put(kept, key, value[key]);
        }
      }
      return run(schema, kept, issues);
    },
    (value, seen) => {
      names.forEach((name) => seen.keys.add(name));
      look(schema, value, seen);
    },
  );
}

type TypeName = "string" | "number" | "boolean" | "object" | "array";

function typeOf(value: unknown): string {
  return Array.isArray(value) ? "array" : typeof value;
}

/** Schemas that hold for values of one type each; other values pass. */
export function byType(
  schemas: Partial<Record<TypeName, z.ZodType>>,
): z.ZodType {
  const schemaOf = (value: unknown) =>
    value === null ? undefined : schemas[typeOf(value) as TypeName];
  return custom(
    (value, issues) => {
      const schema = schemaOf(value);
      return schema ? run(schema, value, issues) : value;
    },
    (value, seen) => {
      const schema = schemaOf(value);
      if (schema) {
        look(schema, value, seen);
      }
    },
  );
}

/** Every one of the schemas matches. */
export function allOf(...schemas: z.ZodType[]): z.ZodType {
  return custom(
    (value, issues) =>
      schemas.reduce((item, schema) => run(schema, item, issues), value),
    (value, seen) => schemas.forEach((schema) => look(schema, value, seen)),
  );
}

/** The schema does not match. */
export function not(schema: z.ZodType): z.ZodType {
  return custom((value, issues) => {
    if (passes(schema, value)) {
      fail(issues, value, "Invalid input: matches what it must not");
    }
    return value;
  });
}

/** What matches the first schema matches the second, and the rest the third. */
export function conditional(
  test: z.ZodType,
  then?: z.ZodType,
  otherwise?: z.ZodType,
): z.ZodType {
  return custom(
    (value, issues) => {
      const branch = passes(test, value) ? then : otherwise;
      return branch ? run(branch, value, issues) : value;
    },
    (value, seen) => {
      const matches = passes(test, value);
      for (const schema of matches ? [test, then] : [otherwise]) {
        if (schema) {
          look(schema, value, seen);
        }
      }
    },
  );
}

/** The value of a property tells which schema must match. */
export function discriminated(
  property: string,
  schemas: [string, z.ZodType][],
  fallback?: z.ZodType,
): z.ZodType {
  const byValue = new Map(schemas);
  const schemaOf = (value: unknown) => {
    const name =
      isObject(value) && has(value, property) ? value[property] : undefined;
    return (
      (typeof name === "string" ? byValue.get(name) : undefined) ?? fallback
    );
  };
  return custom(
    (value, issues) => {
      const schema = schemaOf(value);
      if (schema) {
        return run(schema, value, issues);
      }
      if (!isObject(value)) {
        fail(issues, value, "Invalid input: expected object");
      } else if (!has(value, property)) {
        fail(issues, undefined, "Required", [property]);
      } else {
        const names = [...byValue.keys()].map((name) => JSON.stringify(name));
        fail(
          issues,
          value[property],
          `Invalid option: expected one of ${names.join("|")}`,
          [property],
        );
      }
      return value;
    },
    (value, seen) => {
      const schema = schemaOf(value);
      if (schema) {
        look(schema, value, seen);
      }
    },
  );
}

/** What no other part of the schema has looked at must match these. */
export function unevaluated(
  schema: z.ZodType,
  rest: { properties?: z.ZodType; items?: z.ZodType },
): z.ZodType {
  return custom(
    (value, issues) => {
      const seen: Seen = { keys: new Set(), items: new Set() };
      look(schema, value, seen);
      const result = run(schema, value, issues);
      if (rest.properties && isObject(value)) {
        for (const key of Object.keys(value).filter(
          (key) => !seen.keys.has(key),
        )) {
          run(rest.properties, value[key], issues, [key]);
        }
      }
      if (rest.items && Array.isArray(value)) {
        for (const [index, item] of value.entries()) {
          if (!seen.items.has(index)) {
            run(rest.items, item, issues, [index]);
          }
        }
      }
      return result;
    },
    (value, seen) => {
      look(schema, value, seen);
      if (rest.properties && isObject(value)) {
        Object.keys(value).forEach((key) => seen.keys.add(key));
      }
      if (rest.items && Array.isArray(value)) {
        value.forEach((_, index) => seen.items.add(index));
      }
    },
  );
}

/** Nothing matches. */
export const nothing: z.ZodType = custom((value, issues) => {
  fail(issues, value, "Not allowed");
  return value;
});

/** Notes in seen which keys and items of a value that it matches a schema looks at. */
function look(schema: z.core.$ZodType, value: unknown, seen: Seen): void {
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
      if (Array.isArray(value)) {
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
    case "optional":
    case "nullable":
    case "default":
      look(def.innerType, value, seen);
      break;
    default:
      break;
  }
}

function lookAtObject(
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

/** A default that the schema's type cannot be told to hold. */
export function withDefault(schema: z.ZodType, value: unknown): z.ZodType {
  return schema.default(value);
}
