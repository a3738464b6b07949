/** What handlers answer, and whether it is what the description says. */
import { z } from "zod";
import type { Principal, Shown } from "./credentials.js";
import { detailsOf } from "./errors.js";
import { describe } from "./schema.js";

/** What handlers answer, whatever their operation. */
export interface AnyReply {
  status: number;
  headers?: Readonly<Record<string, string | number | bigint | undefined>>;
  contentType?: string;
  body?: unknown;
  data?: unknown;
  /** Stands beside data, with the request's id. */
  meta?: object;
}

/** A request, as what answers in a handler's place sees it. */
export interface Asked {
  method: string;
  url: string;
  headers: Shown["headers"];
  body: Buffer | undefined;
  address: string;
  requestId: string;
  principals: readonly Principal[];
}

/** Answers by calling a handler, or in its place. */
export type Around = (
  asked: Asked,
  answer: () => Promise<AnyReply>,
) => Promise<AnyReply>;

/** The answers of an operation: by status, and then by media type. */
export type ReplyValidator = Readonly<
  Record<string, Readonly<Record<string, z.core.$ZodType | undefined>>>
>;

/** Writes JSON. */
export function toJson(value: unknown): string {
  return JSON.stringify(value);
}

/** Tells media types whose bodies are written as JSON. */
export function isJson(contentType: string | undefined): boolean {
  return contentType === undefined || /[/+]json\b/.test(contentType);
}

/** Throws an error, which is logged and answered with 500, for a wrong answer. */
export function checkReply(validator: ReplyValidator, reply: AnyReply): void {
  const status = String(reply.status);
  const answers =
    validator[status] ?? validator[`${status[0]}XX`] ?? validator.default;
  if (!answers) {
    throw new Error(`the status ${status} is not described`);
  }
  const types = Object.keys(answers);
  const type = reply.contentType ?? types[0];
  if (type === undefined || "data" in reply) {
    return;
  }
  if (!Object.hasOwn(answers, type)) {
    throw new Error(`${status} is not described as ${type}`);
  }
  const schema = answers[type];
  const result = schema && z.safeParse(schema, reply.body, { error: describe });
  if (result?.success === false) {
    const faults = detailsOf(result.error.issues, []).map(
      ({ field, message }) => `${field}: ${message}`,
    );
    throw new Error(
      `the body of ${status} is not as described: ${faults.join("; ")}`,
    );
  }
}
