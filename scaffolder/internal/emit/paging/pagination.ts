/** Pages of lists: by offset, by the page's number, or by cursor. */
import type { z } from "zod";
import { ApiError } from "./errors.js";
import { toJson } from "./replies.js";

/** How an operation pages: its parameters, and how many entries a page has. */
interface Sized {
  size?: string;
  standard: number;
  largest: number;
}

/** Pages that are counted; first is the number of the first one. */
export interface ByOffset extends Sized {
  offset?: string;
  page?: string;
  first: number;
}

/** Pages that go on behind an entry, or end before it. */
export interface ByCursor extends Sized {
  after?: string;
  before?: string;
}

/** What is read of a request and its context. */
interface Asking {
  query?: object;
}
interface Origin {
  /** Path and query as they were sent. */
  url: string;
}

/** What stands beside a page. */
export interface Beside<Meta> {
  meta: Meta;
  /** Link, with the pages around this one. */
  headers: Record<string, string>;
}

/** Throws ApiError 400 for one field. */
function refuse(field: string, message: string): never {
  const details = [{ field, message }];
  throw new ApiError(
    400,
    "VALIDATION_ERROR",
    "The request is not valid",
    details,
  );
}

function valueOf(request: Asking, name: string | undefined): unknown {
  return name === undefined
    ? undefined
    : (Object(request.query) as Record<string, unknown>)[name];
}

function wholeOf(
  request: Asking,
  name: string | undefined,
  standard: number,
  least: number,
): number {
  const value = valueOf(request, name);
  if (value === undefined || value === null || value === "") {
    return standard;
  }
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < least) {
    refuse(name ?? "", `Must be a whole number of at least ${String(least)}`);
  }
  return number;
}

/** How many entries are asked for: at most the largest. */
function sizeOf(paging: Sized, request: Asking): number {
  const size = wholeOf(request, paging.size, paging.standard, 1);
  return Math.min(size, paging.largest);
}

/** The same request with other parameters, relative to its own address. */
function reference(
  url: string,
  parameters: Readonly<Record<string, string | undefined>>,
): string {
  const at = url.indexOf("?");
  const kept = (at < 0 ? "" : url.slice(at + 1)).split("&").filter((pair) => {
    const [name = ""] = pair.split("=", 1);
    return pair !== "" && !Object.hasOwn(parameters, decoded(name));
  });
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) {
      kept.push(`${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
    }
  }
  const hex = (text: string) =>
    `%${text.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `?${kept.join("&").replace(/[^\x21-\x7e]|[<>"]/g, hex)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

function linked(
  links: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const parts = Object.entries(links).flatMap(([relation, target]) =>
    target === undefined ? [] : [`<${target}>; rel="${relation}"`],
  );
  return parts.length > 0 ? { Link: parts.join(", ") } : {};
}

/** A page that is counted. */
export interface OffsetPage {
  offset: number;
  limit: number;
  /** What stands beside the page, when there are so many entries on all pages. */
  of(total: number): Beside<{ total: number; has_more: boolean }>;
}

/** The page that a request asks for. Throws ApiError 400 for one that cannot be. */
export function offsetPage(
  paging: ByOffset,
  request: Asking,
  context: Origin,
): OffsetPage {
  const limit = sizeOf(paging, request);
  const { first } = paging;
  const offset =
    paging.page === undefined
      ? wholeOf(request, paging.offset, 0, 0)
      : (wholeOf(request, paging.page, first, first) - first) * limit;
  if (!Number.isSafeInteger(offset)) {
    refuse(paging.page ?? "", "Too large");
  }
  const at = (start: number) =>
    reference(context.url, {
      [paging.page ?? paging.offset ?? "offset"]: String(
        paging.page === undefined ? start : Math.floor(start / limit) + first,
      ),
      ...(paging.size !== undefined && { [paging.size]: String(limit) }),
    });
  return {
    offset,
    limit,
    of(total) {
      const more = offset + limit < total;
      const last = Math.max(0, Math.ceil(total / limit) - 1) * limit;
      return {
        meta: { total, has_more: more },
        headers: linked({
          first: at(0),
          prev:
            offset > 0
              ? at(Math.max(0, Math.min(offset - limit, last)))
              : undefined,
          next: more ? at(offset + limit) : undefined,
          last: at(last),
        }),
      };
    },
  };
}

/** An opaque cursor, which holds the place of an entry in the order of the list. */
export function encodeCursor(place: unknown): string {
  return Buffer.from(toJson(place)).toString("base64url");
}

/** The place in a cursor. Throws ApiError 400, which names the field, for others. */
export function decodeCursor<Place>(
  cursor: string,
  field: string,
  schema: z.ZodType<Place>,
): Place {
  const bytes = Buffer.from(cursor, "base64url");
  if (cursor !== "" && bytes.toString("base64url") === cursor) {
    try {
      const text = bytes.toString("utf8");
      const place = schema.safeParse(JSON.parse(text));
      if (place.success) {
        return place.data;
      }
    } catch {
      // What is no JSON is no cursor either.
    }
  }
  return refuse(field, "Not a cursor of this list");
}

/** A page that goes on behind an entry, or ends before it. */
export interface PlacedPage<Place> {
  limit: number;
  /** How many entries to read: one more than the page has tells whether there are more. */
  take: number;
  /** Read what comes behind this place, in order. */
  after?: Place;
  /** Read what comes before this place, the nearest first. */
  before?: Place;
  /** Makes the page of what was read; placeOf says where an entry stands. */
  of<Entry>(
    read: readonly Entry[],
    placeOf: (entry: Entry) => Place,
  ): Beside<Following> & { entries: Entry[] };
}

/** Whether the list goes on, and what to ask for to see more. */
export interface Following {
  has_more: boolean;
  next_cursor: string | null;
  previous_cursor: string | null;
}

function placedPage<Place>(
  paging: ByCursor,
  request: Asking,
  context: Origin,
  read: (text: string, field: string) => Place,
  write: (place: Place) => string,
): PlacedPage<Place> {
  const limit = sizeOf(paging, request);
  const given = (name: string | undefined) => {
    const value = valueOf(request, name);
    return value === undefined || value === null ? undefined : String(value);
  };
  const [after, before] = [given(paging.after), given(paging.before)];
  if (after !== undefined && before !== undefined) {
    refuse(paging.before ?? "", `Not together with ${paging.after ?? ""}`);
  }
  const to = (name: string | undefined, cursor: string | null) =>
    name === undefined || cursor === null
      ? undefined
      : reference(context.url, {
          ...(paging.after !== undefined && { [paging.after]: undefined }),
          ...(paging.before !== undefined && { [paging.before]: undefined }),
          ...(paging.size !== undefined && { [paging.size]: String(limit) }),
          [name]: cursor,
        });
  const back = before !== undefined;
  return {
    limit,
    take: limit + 1,
    ...(after !== undefined && { after: read(after, paging.after ?? "") }),
    ...(back && { before: read(before, paging.before ?? "") }),
    of(found, placeOf) {
      const more = found.length > limit;
      const entries = found.slice(0, limit);
      if (back) {
        entries.reverse();
      }
      const [first] = entries;
      const last = entries.at(-1);
      const following = back ? entries.length > 0 : more;
      const preceding = back
        ? more
        : after !== undefined && first !== undefined;
      const next =
        following && last !== undefined ? write(placeOf(last)) : null;
      const previous =
        preceding && first !== undefined && paging.before !== undefined
          ? write(placeOf(first))
          : null;
      return {
        entries,
        meta: {
          has_more: following,
          next_cursor: next,
          previous_cursor: previous,
        },
        headers: linked({
          prev: to(paging.before, previous),
          next: to(paging.after, next),
        }),
      };
    },
  };
}

/**
 * The page that a request asks for by an opaque cursor. The schema says what a
 * place is: the sort values of an entry, of which the last is unique.
 */
export function cursorPage<Place>(
  paging: ByCursor,
  request: Asking,
  context: Origin,
  schema: z.ZodType<Place>,
): PlacedPage<Place> {
  const read = (text: string, field: string) =>
    decodeCursor(text, field, schema);
  return placedPage(paging, request, context, read, encodeCursor);
}

/** The page that a request asks for by the id of an entry. */
export function idPage(
  paging: ByCursor,
  request: Asking,
  context: Origin,
): PlacedPage<string> {
  const same = (id: string) => id;
  return placedPage(paging, request, context, same, same);
}
