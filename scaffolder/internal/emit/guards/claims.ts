/** Reads the claims of those who ask. */
import type { Principal } from "./credentials.js";

/** The values of a claim, by its name or by a path such as realm_access.roles. */
export function claimOf(
  principals: readonly Principal[],
  name: string,
): string[] {
  return principals.flatMap(({ claims = {} }) => {
    const value = find(claims, name);
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.filter((one) => typeof one === "string");
  });
}

function find(claims: Readonly<Record<string, unknown>>, name: string) {
  // Names may hold dots themselves: https://example.com/roles.
  if (Object.hasOwn(claims, name)) {
    return claims[name];
  }
  let value: unknown = claims;
  for (const part of name.split(".")) {
    if (
      typeof value !== "object" ||
      value === null ||
      !Object.hasOwn(value, part)
    ) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}
