/** Schemas made of schemas. */
import { z } from "zod";
import {
  type Seen,
  custom,
  fail,
  has,
  isObject,
  look,
  passes,
  run,
} from "./issues.js";

/** Every one of the schemas matches. */
export function allOf(...schemas: z.ZodType[]): z.ZodType {
  return custom(
    (value, issues) =>
      schemas.reduce((item, schema) => run(schema, item, issues), value),
    (value, seen) => schemas.forEach((schema) => look(schema, value, seen)),
    { same: schemas },
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
    { same: [then, otherwise].filter((schema) => schema !== undefined) },
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
    { same: [...byValue.values(), ...(fallback ? [fallback] : [])] },
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
    {
      same: [schema],
      member: () => (rest.properties ? [rest.properties] : []),
      item: () => (rest.items ? [rest.items] : []),
    },
  );
}

/** Nothing matches. */
export const nothing: z.ZodType = custom((value, issues) => {
  fail(issues, value, "Not allowed");
  return value;
});

/** A default that the schema's type cannot be told to hold. */
export function withDefault(schema: z.ZodType, value: unknown): z.ZodType {
  return schema.default(value);
}
