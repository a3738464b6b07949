/** Limits how often one address may ask. */
import {
  type IRateLimiterOptions,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from "rate-limiter-flexible";
import { errorOf } from "./errors.js";
import { report } from "./log.js";

const duration = Number(process.env.RATE_LIMIT_WINDOW_SECONDS ?? 900);
const limits = {
  default: Number(process.env.RATE_LIMIT ?? 100),
  login: Number(process.env.LOGIN_RATE_LIMIT ?? 10),
};

/** What is counted: every request, and beside that those that try passwords. */
export type Limit = keyof typeof limits;

/** Counts in Redis where REDIS_URL is set, so that several servers share it. */
async function connect() {
  const url = process.env.REDIS_URL ?? "";
  if (url === "") {
    return undefined;
  }
  const { Redis } = await import("ioredis");
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
  });
  redis.on("error", (thrown: Error) => {
    report("error", { message: "Redis cannot be reached", thrown });
  });
  return redis;
}

const redis = await connect();

function counter(name: Limit): RateLimiterMemory | RateLimiterRedis {
  const options: IRateLimiterOptions = {
    keyPrefix: `limit:${name}`,
    points: limits[name],
    duration,
  };
  const memory = new RateLimiterMemory(options);
  // Without Redis each server goes on counting for itself.
  return redis
    ? new RateLimiterRedis({
        ...options,
        storeClient: redis,
        insuranceLimiter: memory,
      })
    : memory;
}

const counters = { default: counter("default"), login: counter("login") };

/** One caller: an IPv4 address, or the network that an IPv6 address is in. */
function callerOf(address: string): string {
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
  name: Limit,
  address: string,
): Promise<Record<string, string>> {
  const result = await counters[name]
    .consume(callerOf(address))
    .catch((thrown: unknown) => {
      if (thrown instanceof RateLimiterRes) {
        return thrown;
      }
      throw thrown;
    });
  const reset = Math.ceil(result.msBeforeNext / 1000);
  const headers = {
    "RateLimit-Policy": `"${name}";q=${limits[name]};w=${duration}`,
    RateLimit: `"${name}";r=${Math.max(0, result.remainingPoints)};t=${reset}`,
  };
  if (result.consumedPoints > limits[name]) {
    throw errorOf(429, { ...headers, "Retry-After": String(reset) });
  }
  return headers;
}

/** Lets go of Redis, so that the process can end. */
export function closeLimits(): void {
  redis?.disconnect();
}
