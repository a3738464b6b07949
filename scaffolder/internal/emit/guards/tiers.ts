/** How often callers may ask, by the tier that their token or key names. */
import { schemes } from "./auth.js";
import { claimOf } from "./claims.js";
import { callerOf } from "./credentials.js";
import {
  type Allowance,
  type Count,
  countRequests as countStrangers,
  spend,
} from "./limits.js";

/** NAME=REQUESTS/WINDOW,...; callers whose tier is not among them have the first. */
const written = process.env.RATE_LIMIT_TIERS || "__TIERS__";
const claim = process.env.TIER_CLAIM || "tier";

const seconds: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
};

function tierOf(text: string): Allowance {
  const match = /^([A-Za-z][\w-]*)=([1-9]\d*)\/([1-9]\d*)([smhd])$/.exec(text);
  const [, name = "", points, count, unit = ""] = match ?? [];
  if (!match || name === "default" || name === "login") {
    throw new Error(
      `RATE_LIMIT_TIERS: ${JSON.stringify(text)} is no tier; write NAME=REQUESTS/WINDOW, such as free=100/15m`,
    );
  }
  const duration = Number(count) * (seconds[unit] ?? 1);
  return { name, points: Number(points), duration };
}

const tiers = written.split(",").map((text) => tierOf(text.trim()));

/** Counts a caller's request by tier, wherever it comes from; a stranger's by address. */
export const countRequests: Count = async (address, shown) => {
  const caller = await callerOf(schemes, shown);
  if (!caller) {
    return countStrangers(address, shown);
  }
  const [named] = claimOf([caller], claim);
  const tier = tiers.find(({ name }) => name === named) ?? tiers[0];
  return tier
    ? spend(tier, JSON.stringify([caller.scheme, caller.id]))
    : countStrangers(address, shown);
};
