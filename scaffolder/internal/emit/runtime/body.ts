/** Reads forms: names and values as text, and files. */
import { z } from "zod";
import {
  fromPairs,
  grouped,
  type Pairs,
  scalar,
  type Shape,
  type Written,
} from "./parameters.js";

/** A file that came with a form. */
export interface Upload {
  filename: string;
  contentType: string;
  bytes: Buffer;
}

/** Reads JSON for a schema, or for a part of it. */
export type Parse = (
  text: string,
  schema?: z.core.$ZodType,
  ...path: string[]
) => unknown;

interface FormShape {
  schema?: z.core.$ZodType;
  /** Reads JSON instead of JSON.parse. */
  parse?: Parse;
  shape?: Shape;
  styles?: Readonly<Record<string, Written & { json?: boolean }>>;
}

/** A file in a form. */
export const upload: z.ZodType<Upload> = z
  .custom<Upload>(
    (value) => typeof value === "object" && value !== null && "bytes" in value,
    "Invalid input: expected a file",
  )
  .meta({ type: "string", format: "binary" });

function shapeOf(form: FormShape, name: string): Shape | undefined {
  const { shape } = form;
  if (typeof shape !== "object" || !("properties" in shape)) {
    return undefined;
  }
  return Object.hasOwn(shape.properties, name)
    ? shape.properties[name]
    : shape.additional;
}

function writtenOf(
  form: FormShape,
  name: string,
): Written & { json?: boolean } {
  const shape = shapeOf(form, name);
  const own =
    form.styles && Object.hasOwn(form.styles, name)
      ? form.styles[name]
      : undefined;
  return { ...own, ...(shape === undefined ? {} : { shape }) };
}

function put(
  target: Record<string, unknown>,
  name: string,
  value: unknown,
): void {
  if (value !== undefined) {
    Object.defineProperty(target, name, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
}

/** The values of a form that is written like a query. */
export function readForm(
  pairs: Pairs,
  form: FormShape,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const { shape } = form;
  const named = (key: string) =>
    typeof shape === "object" &&
    "properties" in shape &&
    Object.hasOwn(shape.properties, key);
  const baseOf = (key: string) => {
    const at = key.indexOf("[");
    return at > 0 && !named(key) ? key.slice(0, at) : key;
  };
  for (const [base, own] of grouped(pairs, ([key]) => baseOf(key))) {
    const written = writtenOf(form, base);
    const deep = own.some(([key]) => key !== base);
    put(
      result,
      base,
      fromPairs(
        own,
        base,
        deep ? { ...written, style: "deepObject" } : written,
      ),
    );
  }
  return result;
}

/** The values and files of a multipart form; throws SyntaxError when it is none. */
export function readMultipart(
  body: Buffer,
  contentType: string,
  form: FormShape,
): Record<string, unknown> {
  const match = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (!boundary) {
    throw new SyntaxError("no boundary");
  }
  const values = new Map<string, unknown[]>();
  for (const part of partsOf(body, boundary)) {
    const list = values.get(part.name) ?? [];
    list.push(valueOf(part, form));
    values.set(part.name, list);
  }
  const result: Record<string, unknown> = {};
  for (const [name, list] of values) {
    const { shape } = writtenOf(form, name);
    const many = typeof shape === "object" && "items" in shape;
    put(
      result,
      name,
      many && !(list.length === 1 && Array.isArray(list[0])) ? list : list[0],
    );
  }
  return result;
}

interface Part {
  name: string;
  filename: string | undefined;
  contentType: string | undefined;
  bytes: Buffer;
}

function partsOf(body: Buffer, boundary: string): Part[] {
  const parts: Part[] = [];
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const whole = Buffer.concat([Buffer.from("\r\n"), body]);
  let at = whole.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    const next = whole.indexOf(delimiter, start);
    if (whole.subarray(start, start + 2).toString() === "--") {
      return parts;
    }
    const end = whole.indexOf("\r\n\r\n", start);
    if (next < 0 || end < 0 || end > next) {
      break;
    }
    parts.push(
      partOf(
        whole.subarray(start, end).toString("utf8"),
        whole.subarray(end + 4, next),
      ),
    );
    at = next;
  }
  throw new SyntaxError("no closing boundary");
}

function partOf(head: string, bytes: Buffer): Part {
  const disposition = /^content-disposition:(.*)$/im.exec(head)?.[1] ?? "";
  const field = (name: string) =>
    new RegExp(`;\\s*${name}="((?:[^"\\\\]|\\\\.)*)"`, "i")
      .exec(disposition)?.[1]
      ?.replace(/\\(.)/g, "$1");
  const name = field("name");
  if (name === undefined) {
    throw new SyntaxError("a part without a name");
  }
  const contentType = /^content-type:\s*(\S+)/im
    .exec(head)?.[1]
    ?.replace(/;$/, "")
    .toLowerCase();
  return { name, filename: field("filename"), contentType, bytes };
}

function valueOf(part: Part, form: FormShape): unknown {
  const written = writtenOf(form, part.name);
  const { shape } = written;
  const item =
    typeof shape === "object" && "items" in shape ? shape.items : shape;
  if (part.filename !== undefined || item === "file") {
    return {
      filename: part.filename ?? part.name,
      contentType: part.contentType ?? "application/octet-stream",
      bytes: part.bytes,
    } satisfies Upload;
  }
  const text = part.bytes.toString("utf8");
  const structured = typeof item === "object" && !Array.isArray(item);
  if (written.json || structured || part.contentType === "application/json") {
    try {
      return form.parse
        ? form.parse(text, form.schema, part.name)
        : (JSON.parse(text) as unknown);
    } catch {
      return text; // which is not what the schema wants
    }
  }
  return scalar(text, item);
}
