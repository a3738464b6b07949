/** Formats and patterns of strings. */
import { type Check, fail } from "./issues.js";

const compiled = new Map<string, RegExp | undefined>();

export function compile(source: string): RegExp | undefined {
  if (compiled.has(source)) {
    return compiled.get(source);
  }
  // Other dialects put flags first and have other words for start and end.
  const [, inline = ""] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  const own = source
    .replace(/^\(\?[ims]+\)/, "")
    .replace(/^\\A/, "^")
    .replace(/\\[zZ]$/, "$");
  let expression: RegExp | undefined;
  // Properties of characters would mean something else without the flag.
  for (const flags of /\\p\{/i.test(own) ? ["u"] : ["u", ""]) {
    try {
      expression = new RegExp(own, flags + inline);
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

/** Matches a regular expression, anywhere unless it is anchored. */
export function pattern(source: string): Check<string> {
  const expression = compile(source);
  return ({ value, issues }) => {
    if (expression && !expression.test(value)) {
      fail(issues, value, `Invalid: must match pattern ${source}`);
    }
  };
}
