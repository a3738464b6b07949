/** Limits how often one address may ask. */
import {
  type IRateLimiterOptions,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible";
import type { Shown } from "./credentials.js";
import { errorOf } from "./errors.js";
import { closeRedis, redis } from "./redis.js";

/** How much may be asked for, and in how many seconds. */
export interface Allowance {
  name: string;
  points: number;
  duration: number;
}

const duration = Number(process.env.RATE_LIMIT_WINDOW_SECONDS ?? 900);
const requests: Allowance = {
  name: "default",
  points: Number(process.env.RATE_LIMIT ?? 100),
  duration,
};
const logins: Allowance = {
  name: "login",
  points: Number(process.env.LOGIN_RATE_LIMIT ?? 10),
  duration,
};

const counters = new Map<Allowance, RateLimiterMemory | RateLimiterRedis>();

function counterOf(allowance: Allowance): RateLimiterMemory | RateLimiterRedis {
  const made = counters.get(allowance);
  if (made) {
    return made;
  }
  const options: IRateLimiterOptions = {
    keyPrefix: `limit:${allowance.name}`,
    points: allowance.points,
    duration: allowance.duration,
  };
  const memory = new RateLimiterMemory(options);
  // Without Redis each server goes on counting for itself.
  const counter = redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: redis,
        insuranceLimiter: memory,
      })
    : memory;
  counters.set(allowance, counter);
  return counter;
}

/** One caller: an IPv4 address, or the network that an IPv6 address is in. */
function networkOf(address: string): string {
  const [, mapped] = /^::ffff:([\d.]+)$/i.exec(address) ?? [];
  if (mapped !== undefined || !address.includes(":")) {
    return mapped ?? address;
  }
  const [head = "", tail] = address.split("::", 2);
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - before.length - after.length));
  return [...before, ...zeros.fill("0"), ...after].slice(0, 4).join(":");
}

/** Counts a request; returns the headers that say so, or throws ApiError 429. */
export async function spend(
  allowance: Allowance,
  caller: string,
): Promise<Record<string, string>> {
  const { name, points } = allowance;
  const result = await counterOf(allowance)
    .consume(caller)
    .catch((thrown: unknown) => {
      if (thrown instanceof RateLimiterRes) {
        return thrown;
      }
      throw thrown;
    });
  const reset = Math.ceil(result.msBeforeNext / 1000);
  const headers = {
    "RateLimit-Policy": `"${name}";q=${points};w=${allowance.duration}`,
    RateLimit: `"${name}";r=${Math.max(0, result.remainingPoints)};t=${reset}`,
  };
  if (result.consumedPoints > points) {
    throw errorOf(429, { ...headers, "Retry-After": String(reset) });
  }
  return headers;
}

/** Counts a request from an address, whatever it shows; throws ApiError 429. */
export type Count = (
  address: string,
  shown: Shown,
) => Promise<Record<string, string>>;

/** RATE_LIMIT requests (100) in RATE_LIMIT_WINDOW_SECONDS (900). */
export const countRequests: Count = (address) =>
  spend(requests, networkOf(address));

/** LOGIN_RATE_LIMIT requests (10), of those that try passwords. */
export const countLogins: Count = (address) =>
  spend(logins, networkOf(address));

/** Lets go of Redis, so that the process can end. */
export function closeLimits(): void {
  closeRedis();
}
