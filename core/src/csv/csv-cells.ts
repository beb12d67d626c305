import type { Cell } from "../frames/frame.js";
import { quote } from "../refusal.js";

/** No part of it can match a text in two ways: time is linear in the length of the cell. */
const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;

/** The finite number that a text is, without blanks around it: a decimal number with a point, and nothing else. Undefined if it is not one. */
export function numberOf(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** What pandas takes for a missing value by default. */
const MISSING_TEXTS: ReadonlySet<string> = new Set([
  "",
  "#N/A",
  "#N/A N/A",
  "#NA",
  "-1.#IND",
  "-1.#QNAN",
  "-NaN",
  "-nan",
  "1.#IND",
  "1.#QNAN",
  "<NA>",
  "N/A",
  "NA",
  "NULL",
  "NaN",
  "None",
  "n/a",
  "nan",
  "null",
]);
/** What SQL, SAS, R and hand-made tables write for a missing number. */
const MISSING_NUMBERS: ReadonlySet<string> = new Set([
  ...Array.from(MISSING_TEXTS, (text) => text.toLowerCase()),
  "?",
  "-",
  "--",
  ".",
  "\\n",
]);

/** Whether a text says that a category is missing: it is empty, or what pandas takes for missing by default. */
export function isMissingText(text: string): boolean {
  return MISSING_TEXTS.has(text);
}

/** Whether a text says that a number is missing: the same in upper or lower case, blanks around it aside, or `?`, `-`, `--`, `.` or `\N`. */
export function isMissingNumber(text: string): boolean {
  return MISSING_NUMBERS.has(text.trim().toLowerCase());
}

/** The spelling that a number has as text, for the common ones: their text need not be made to compare. */
const SHORT = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{0,13}[1-9])?$/;
const SHORT_CHARACTERS = 16;
/** Below it the spelling has an exponent. */
const LEAST_PLAIN = 1e-6;

/**
 * A cell as it travels, so that nothing of it is lost before a model says what it wants: a number if its text is the number's own
 * spelling (59 or 0.5), null if it is empty, else the text: `01234`, `1e3`, `59.0`.
 */
export function writtenCell(text: string): Cell {
  if (text === "") return null;
  if (text.length <= SHORT_CHARACTERS && SHORT.test(text)) {
    const value = Number(text);
    if (Math.abs(value) >= LEAST_PLAIN || text === "0") return value;
    return text;
  }
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) && String(value) === text ? value : text;
}

/** What a missing or unreadable number looks like in a message, as a reason. */
export function numberProblem(text: string): string {
  if (text.trim() === "") return "the value is missing";
  return `not a number, got ${quote(text)}${DECIMAL_COMMA.test(text) ? ": write a decimal point" : ""}`;
}

const DECIMAL_COMMA = /^\s*[+-]?[\d.]*\d,\d+\s*$/;
