/** Turns the text of paths, queries, headers, cookies and forms into values. */

/** What text stands for: a type, one of several, an array or an object. */
export type Shape = Scalar | readonly Scalar[] | { items: Shape } | ObjectShape;
export type Scalar =
  "string" | "number" | "integer" | "int64" | "boolean" | "null" | "file";
export interface ObjectShape {
  properties: Readonly<Record<string, Shape>>;
  additional?: Shape;
}

export type Style =
  | "simple"
  | "label"
  | "matrix"
  | "form"
  | "spaceDelimited"
  | "pipeDelimited"
  | "deepObject";

/** How a value is written. */
export interface Written {
  shape?: Shape;
  style?: Style;
  explode?: boolean;
}

/** Names and values, undecoded, in order. */
export type Pairs = readonly (readonly [name: string, value: string])[];

const numeric: ReadonlySet<string> = new Set(["number", "integer", "int64"]);
const digits = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Reads one text as one of the types, or leaves it as it is. */
export function scalar(text: string, shape: Shape = "string"): unknown {
  const types =
    typeof shape === "string" ? [shape] : Array.isArray(shape) ? shape : [];
  for (const type of types) {
    if (type === "int64" && /^-?[1-9]\d{15,18}$/.test(text)) {
      const number = Number(text);
      return Number.isSafeInteger(number) ? number : BigInt(text);
    }
    if (numeric.has(type) && digits.test(text)) {
      return Number(text);
    }
    if (type === "boolean" && (text === "true" || text === "false")) {
      return text === "true";
    }
    if (type === "null" && text === "null") {
      return null;
    }
  }
  return text;
}

/** Reads one text that may be the JSON of an object or an array. */
export function single(text: string, shape: Shape | undefined): unknown {
  if ((isObject(shape) || isArray(shape)) && /^[{[]/.test(text)) {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text; // which is not what the schema wants
    }
  }
  return scalar(text, shape);
}

/** Decodes percent signs; throws URIError where they mean nothing. */
export function decode(text: string): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

/** Splits a query or a form into its names and values. */
export function pairsOf(query: string): Pairs {
  return query
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const at = part.indexOf("=");
      const [name, value] =
        at < 0 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
      return [decode(name), value] as const;
    });
}

function isArray(shape: Shape | undefined): shape is { items: Shape } {
  return typeof shape === "object" && "items" in shape;
}

function isObject(shape: Shape | undefined): shape is ObjectShape {
  return typeof shape === "object" && "properties" in shape;
}

function member(shape: ObjectShape, name: string): Shape | undefined {
  return Object.hasOwn(shape.properties, name)
    ? shape.properties[name]
    : shape.additional;
}

function set(
  target: Record<string, unknown>,
  name: string,
  value: unknown,
): void {
  Object.defineProperty(target, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}

/** A value out of a query or a form; undefined when it is not there. */
export function fromPairs(
  pairs: Pairs,
  name: string,
  written: Written,
): unknown {
  const { shape, style = "form", explode = style === "form" } = written;
  if (style === "deepObject") {
    const plain = pairs.find(([key]) => key === name)?.[1];
    return (
      deepObject(pairs, name, shape) ??
      (plain === undefined ? undefined : scalar(decode(plain), shape))
    );
  }
  if (isObject(shape) && explode && style === "form") {
    return spread(pairs, shape);
  }
  const own = pairs.filter(([key]) => key === name).map(([, value]) => value);
  const [first] = own;
  if (first === undefined) {
    return undefined;
  }
  if (isArray(shape)) {
    const items = explode || own.length > 1 ? own : split(first, style);
    return items.map((item) => single(decode(item), shape.items));
  }
  if (isObject(shape)) {
    return alternating(split(first, style).map(decode), shape);
  }
  return scalar(decode(first), shape);
}

function split(text: string, style: Style): string[] {
  if (text === "") {
    return [];
  }
  switch (style) {
    case "spaceDelimited":
      return text.split(/%20|\+| /);
    case "pipeDelimited":
      return text.split(/\||%7C/i);
    default:
      return text.split(",");
  }
}

/** An object whose properties stand in the query under their own names. */
function spread(pairs: Pairs, shape: ObjectShape): unknown {
  const result: Record<string, unknown> = {};
  for (const [name, own] of grouped(pairs, ([name]) => name)) {
    const inner = member(shape, name);
    if (inner !== undefined) {
      set(result, name, fromPairs(own, name, { shape: inner }));
    }
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

/** Names and values by what they have in common. */
export function grouped(
  pairs: Pairs,
  by: (pair: Pairs[number]) => string,
): Map<string, Pairs[number][]> {
  const groups = new Map<string, Pairs[number][]>();
  for (const pair of pairs) {
    const key = by(pair);
    const group = groups.get(key);
    if (group) {
      group.push(pair);
    } else {
      groups.set(key, [pair]);
    }
  }
  return groups;
}

/** name[a]=1&name[b][c]=2, and for arrays name[]=1, name[0]=1 and name=1 too. */
function deepObject(
  pairs: Pairs,
  name: string,
  shape: Shape | undefined,
): unknown {
  const list = isArray(shape);
  const inner = pairs.flatMap(([key, value], index) => {
    const match = key.startsWith(`${name}[`)
      ? /^\[([^[\]]*)\](.*)$/s.exec(key.slice(name.length))
      : null;
    const [, own = "", rest = ""] = match ?? [];
    if (!match && !(list && key === name)) {
      return [];
    }
    return [[list && own === "" ? String(-1 - index) : own, rest, value]] as [
      string,
      string,
      string,
    ][];
  });
  if (inner.length === 0) {
    return undefined;
  }
  const members = grouped(
    inner.map(([own, rest, value]) => [own + rest, value] as const),
    ([path]) => /^[^[]*/.exec(path)?.[0] ?? "",
  );
  const read = (own: Pairs, key: string, kind: Shape | undefined) =>
    own.some(([path]) => path !== key)
      ? deepObject(own, key, kind)
      : isArray(kind)
        ? fromPairs(own, key, { shape: kind })
        : single(decode(own[0]?.[1] ?? ""), kind);
  if (list) {
    return [...members].map(([key, own]) => read(own, key, shape.items));
  }
  const result: Record<string, unknown> = {};
  for (const [key, own] of members) {
    set(
      result,
      key,
      read(own, key, isObject(shape) ? member(shape, key) : undefined),
    );
  }
  return result;
}

function alternating(
  parts: readonly string[],
  shape: ObjectShape,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let at = 0; at + 1 < parts.length; at += 2) {
    const name = parts[at] ?? "";
    set(result, name, scalar(parts[at + 1] ?? "", member(shape, name)));
  }
  return result;
}

function assigned(
  parts: readonly string[],
  shape: ObjectShape,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const part of parts) {
    const at = part.indexOf("=");
    const name = at < 0 ? part : part.slice(0, at);
    set(
      result,
      name,
      scalar(at < 0 ? "" : part.slice(at + 1), member(shape, name)),
    );
  }
  return result;
}

/** A value out of a path's segment or a header. */
export function fromText(
  text: string,
  name: string,
  written: Written,
): unknown {
  const { shape, style = "simple", explode = false } = written;
  let rest = text;
  let separator = ",";
  if (style === "label") {
    rest = rest.replace(/^\./, "");
    separator = explode ? "." : ",";
  } else if (style === "matrix") {
    rest = rest.replace(/^;/, "");
    separator = explode ? ";" : ",";
    if (!explode || !isObject(shape)) {
      rest = rest
        .split(separator)
        .map((part) =>
          part.startsWith(`${name}=`) ? part.slice(name.length + 1) : part,
        )
        .join(separator);
    }
  }
  if (isArray(shape)) {
    const items = rest === "" ? [] : rest.split(separator);
    return items.map((item) => scalar(item.trim(), shape.items));
  }
  if (isObject(shape)) {
    const parts = rest.split(separator).map((part) => part.trim());
    return explode ? assigned(parts, shape) : alternating(parts, shape);
  }
  return scalar(rest, shape);
}

/** The cookies of a request. */
export function cookiesOf(header: string | undefined): Pairs {
  return (header ?? "").split(";").flatMap((part) => {
    const at = part.indexOf("=");
    const value = part.slice(at + 1).trim();
    return at < 0
      ? []
      : [[part.slice(0, at).trim(), value.replace(/^"(.*)"$/, "$1")] as const];
  });
}
