/** What JSON Schema says of one value and zod has no word for. */
import { z } from "zod";
import {
  type Check,
  check,
  custom,
  fail,
  has,
  isObject,
  look,
  passes,
  run,
} from "./issues.js";

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

/** A multiple of a number, counted in decimal digits. */
export function multipleOf(step: number | bigint): Check<number | bigint> {
  return ({ value: whole, issues }) => {
    if (typeof whole === "bigint" && Number.isInteger(Number(step))) {
      if (whole % BigInt(step) !== 0n) {
        fail(issues, whole, `Invalid number: must be a multiple of ${step}`);
      }
      return;
    }
    const value = Number(whole);
    const quotient = value / Number(step);
    const nearest = Math.round(quotient);
    const close =
      Math.abs(quotient - nearest) <= Math.abs(quotient) * Number.EPSILON * 2;
    if (
      !close ||
      (Number.isFinite(quotient) === false && value % Number(step) !== 0)
    ) {
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
  return typeof value === "bigint"
    ? String(value)
    : JSON.stringify(value === 0 ? 0 : value);
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
    { same: schemas.map(([, schema]) => schema) },
  );
}
