/** Which roles may call which operations, as policy.ts says. */
import { policy } from "../policy.js";
import { claimOf } from "./claims.js";
import type { Check } from "./credentials.js";
import { ApiError } from "./errors.js";
import type { Guarded } from "./guarded.js";

/**
 * For each operation the roles that may call it. "anyone" stands for whoever
 * proves what the document asks for.
 */
export type Policy<Role extends string> = Readonly<
  Record<Guarded, readonly Role[] | "anyone">
>;

const claim = process.env.ROLES_CLAIM || "roles";

/** Lets callers through of whose roles one is granted the operation. */
export function permit(operation: Guarded): Check {
  return (principals) => {
    // A file that was not compiled anew may lack operations: they are refused.
    const granted = Object.hasOwn(policy, operation) ? policy[operation] : [];
    if (granted === "anyone") {
      return;
    }
    const roles: readonly string[] = granted;
    if (!claimOf(principals, claim).some((role) => roles.includes(role))) {
      throw new ApiError(403, "FORBIDDEN", "Your roles do not allow this");
    }
  };
}
