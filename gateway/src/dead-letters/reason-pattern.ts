/** What stands in a pattern for values that differ. */
const ANY = "…";

/**
 * The parts of a reason that change from row to row: values in quotation marks, which may be cut with three dots, single characters between
 * apostrophes, and numbers.
 */
const VALUES = /"(?:[^"\\]|\\.){0,60}"|"(?:[^"\\]|\\.){0,60}?\.\.\.|"[^"]*$|'[^'\s]{1,3}'|(?<![\w.])[-+]?\d[\d.,]*(?:e[+-]?\d+)?(?!\w)/gi;

/** A reason as fixed text with values between: one more text than values. */
export interface ReasonPattern {
  readonly texts: readonly string[];
  /** Undefined: it differs. */
  readonly values: readonly (string | undefined)[];
}

/** The pattern of one reason: it has all its values. */
export function patternOf(reason: string): ReasonPattern {
  const values = [...reason.matchAll(VALUES)];
  const texts: string[] = [];
  let end = 0;
  for (const { index, 0: value } of values) {
    texts.push(reason.slice(end, index));
    end = index + value.length;
  }
  return { texts: [...texts, reason.slice(end)], values: values.map(([value]) => value) };
}

/** The pattern of both, whose texts are the same: values that differ are left open. */
export function merged(one: ReasonPattern, other: ReasonPattern): ReasonPattern {
  return { texts: one.texts, values: one.values.map((value, i) => (value === other.values[i] ? value : undefined)) };
}

/** A pattern to read: `not a finite number, got …`. */
export function patternText({ texts, values }: ReasonPattern): string {
  return texts.map((text, i) => text + (i < values.length ? (values[i] ?? ANY) : "")).join("");
}

/** Characters that mean nothing to a shell within quotation marks; a letter begins them, so that they are no option. */
const HARMLESS = /[a-z][\w ,.:-]*[\w]/gi;
/** A shorter part says too little. */
const LEAST_CHARACTERS = 4;

/**
 * The longest part that all reasons of the pattern have, to look for: safe to be pasted into any shell. Empty if there is none.
 *
 * @param field - of the rows; it stands before their reasons.
 */
export function partToFind(pattern: ReasonPattern, field: string | undefined): string {
  const [first = "", ...others] = fixedTexts(pattern);
  const texts = [field === undefined ? first : `field ${field}: ${first}`, ...others];
  const parts = texts.flatMap((text) => text.match(HARMLESS) ?? []);
  const longest = parts.toSorted((a, b) => b.length - a.length)[0] ?? "";
  return longest.length < LEAST_CHARACTERS ? "" : longest.slice(0, 80).trim();
}

/** The texts between values that differ, with the values that do not. */
function fixedTexts({ texts, values }: ReasonPattern): string[] {
  const fixed = [texts[0] ?? ""];
  values.forEach((value, i) => {
    const next = texts[i + 1] ?? "";
    if (value === undefined) fixed.push(next);
    else fixed.push((fixed.pop() ?? "") + value + next);
  });
  return fixed;
}
