/** Where idempotency keys and their answers are kept. */
import type { Redis } from "ioredis";
import { redis } from "./redis.js";

/** An answer, as it went out. */
export interface Kept {
  status: number;
  headers: Readonly<Record<string, string>>;
  type?: string;
  body?: Buffer;
}

/** What stands behind a key; without an answer the first request is not done. */
export interface Entry {
  fingerprint: string;
  answer?: Kept;
}

/** Keeps keys. Every method rejects when that cannot be done. */
export interface Store {
  /** Takes the key, in one step; or returns what stands there already. */
  begin(name: string, fingerprint: string): Promise<Entry | undefined>;
  /** Keeps the answer until it expires. */
  finish(name: string, fingerprint: string, answer: Kept): Promise<void>;
  /** Lets go of a key that was taken, so that the request can come again. */
  drop(name: string): Promise<void>;
}

const lifetime = Number(process.env.IDEMPOTENCY_TTL_SECONDS || 86_400) * 1000;

/** Keeps keys in this process: for one server, until it ends. */
export class MemoryStore implements Store {
  readonly #running = new Map<string, string>();
  /** In the order in which they expire. */
  readonly #done = new Map<string, Required<Entry> & { until: number }>();
  #bytes = 0;

  constructor(
    readonly milliseconds: number,
    /** What all answers may take; the oldest make room. */
    readonly limit = 67_108_864,
  ) {}

  begin(name: string, fingerprint: string): Promise<Entry | undefined> {
    this.#forget(Date.now());
    const running = this.#running.get(name);
    if (running !== undefined) {
      return Promise.resolve({ fingerprint: running });
    }
    const done = this.#done.get(name);
    if (!done) {
      this.#running.set(name, fingerprint);
    }
    return Promise.resolve(done);
  }

  finish(name: string, fingerprint: string, answer: Kept): Promise<void> {
    const until = Date.now() + this.milliseconds;
    this.#running.delete(name);
    this.#done.set(name, { fingerprint, answer, until });
    this.#bytes += sizeOf(answer);
    this.#forget(Date.now());
    return Promise.resolve();
  }

  drop(name: string): Promise<void> {
    this.#running.delete(name);
    return Promise.resolve();
  }

  #forget(now: number): void {
    for (const [name, { until, answer }] of this.#done) {
      if (until > now && this.#bytes <= this.limit) {
        return;
      }
      this.#done.delete(name);
      this.#bytes -= sizeOf(answer);
    }
  }
}

/** About what an answer takes in memory. */
function sizeOf({ body, headers }: Kept): number {
  return 512 + (body?.length ?? 0) + JSON.stringify(headers).length;
}

/** Keeps keys in Redis: for several servers, also when one of them ends. */
export class RedisStore implements Store {
  readonly #held = new Map<string, NodeJS.Timeout>();

  constructor(
    readonly client: Redis,
    readonly milliseconds: number,
    /** After a server died, a key that it had taken is free again. */
    readonly dead = 60_000,
  ) {}

  async begin(name: string, fingerprint: string): Promise<Entry | undefined> {
    const key = `idempotency:${name}`;
    const taken = JSON.stringify({ fingerprint });
    for (;;) {
      if ((await this.client.set(key, taken, "PX", this.dead, "NX")) === "OK") {
        this.#hold(key);
        return undefined;
      }
      const found = await this.client.get(key);
      if (found !== null) {
        return read(found);
      }
      // It expired between the two.
    }
  }

  async finish(name: string, fingerprint: string, answer: Kept): Promise<void> {
    const key = `idempotency:${name}`;
    this.#release(key);
    const body = answer.body?.toString("base64");
    const entry = { fingerprint, answer: { ...answer, body } };
    await this.client.set(key, JSON.stringify(entry), "PX", this.milliseconds);
  }

  async drop(name: string): Promise<void> {
    const key = `idempotency:${name}`;
    this.#release(key);
    await this.client.del(key);
  }

  /** Holds a key for as long as the work takes. */
  #hold(key: string): void {
    const again = setInterval(() => {
      this.client.pexpire(key, this.dead).catch(() => undefined);
    }, this.dead / 3);
    this.#held.set(key, again.unref());
  }

  #release(key: string): void {
    clearInterval(this.#held.get(key));
    this.#held.delete(key);
  }
}

interface Written extends Omit<Entry, "answer"> {
  answer?: Omit<Kept, "body"> & { body?: string };
}

function read(text: string): Entry {
  const { fingerprint, answer } = JSON.parse(text) as Written;
  if (!answer) {
    return { fingerprint };
  }
  const { body, ...rest } = answer;
  const bytes = body === undefined ? {} : { body: Buffer.from(body, "base64") };
  return { fingerprint, answer: { ...rest, ...bytes } };
}

/** In Redis where REDIS_URL is set. Put your own store here if you have one. */
export const store: Store = redis
  ? new RedisStore(redis, lifetime)
  : new MemoryStore(lifetime);
