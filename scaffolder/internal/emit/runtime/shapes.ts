/** Objects, arrays, and keywords that hold for values of one type alone. */
import { z } from "zod";
import {
  type Properties,
  custom,
  fail,
  has,
  isObject,
  look,
  remember,
  put,
  run,
} from "./issues.js";
import { compile } from "./formats.js";

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
  remember(
    schema,
    (value, seen) => {
      if (Array.isArray(value)) {
        value
          .slice(0, rest ? undefined : first.length)
          .forEach((_, index) => seen.items.add(index));
      }
    },
    {
      item: (index) =>
        [first[index] ?? rest].filter((one) => one !== undefined),
    },
  );
  return schema;
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
  remember(
    schema,
    (value, seen) => {
      for (const key of isObject(value) ? Object.keys(value) : []) {
        if (additional || schemasOf(key).length > 0) {
          seen.keys.add(key);
        }
      }
    },
    {
      member: (key) => {
        const own = schemasOf(key);
        return own.length > 0 || !additional ? own : [additional];
      },
    },
  );
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
    { same: [schema] },
  );
}

function typeOf(value: unknown): string {
  if (typeof value === "bigint") {
    return "number";
  }
  return Array.isArray(value) ? "array" : typeof value;
}

type TypeName = "string" | "number" | "boolean" | "object" | "array";

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
    { same: Object.values(schemas) },
  );
}
