/**
 * What JSON Schema says and zod does not: keywords that hold for one type of
 * value alone, combinations, and what depends on other properties.
 */
export * from "./checks.js";
export * from "./combinations.js";
export { format, pattern } from "./formats.js";
export { describe } from "./issues.js";
export * from "./shapes.js";
