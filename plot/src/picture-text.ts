import { decadeOf } from "@streamgauge/core";

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const MILLION = 1e6;
const SMALLEST_PLAIN = 1e-3;
const COUNT = new Intl.NumberFormat("en-US");
const SHORT_COUNT = new Intl.NumberFormat("en-US", { notation: "compact" });
const THREE_DIGITS = new Intl.NumberFormat("en-US", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const CHARACTERS = new Intl.Segmenter("en", { granularity: "grapheme" });
const SHORTEST = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 });

/** @returns a number of rows with thousands separators: `1,234,567`. */
export function countText(count: number): string {
  return COUNT.format(count);
}

/** @returns a number of rows for an axis: `500,000`, from a million on `1.5M`. */
export function shortCountText(count: number): string {
  return (count < MILLION ? COUNT : SHORT_COUNT).format(count);
}

/** The text for a value beyond the largest double. */
const BEYOND = "beyond 1.8×10³⁰⁸";

/** @returns a value to three digits: `43.3`, `1.23×10⁻⁷`, `beyond 1.8×10³⁰⁸` for infinity; from a thousand to a million as a whole number: `99,181`. */
export function valueText(value: number): string {
  if (value === Infinity) return BEYOND;
  if (powerOf(value) !== 0) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${digits}×${powerText(Number(power))}`;
  }
  return value >= 1000 || value === 0 ? COUNT.format(Math.round(value)) : THREE_DIGITS.format(value);
}

/**
 * @param edges - ascending decimal numbers of few digits.
 * @returns each edge in units of 10^`power`, all with as many decimals as the one that needs most: `1.6`, `2.0`, `2.4`.
 */
export function edgeTexts(edges: readonly number[], power: number): string[] {
  const scaled = edges.map((edge) => edge / 10 ** power);
  const decimals = Math.max(0, ...scaled.map((edge) => SHORTEST.format(edge).split(".")[1]?.length ?? 0));
  const format = new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return scaled.map((edge) => (edge === 0 ? "0" : format.format(edge)));
}

/** @returns the power of ten that numbers from zero to `largest` are best written in: 0 for plain numbers, -7 for 0.00000012. */
export function powerOf(largest: number): number {
  if (largest === 0 || (largest >= SMALLEST_PLAIN && largest < MILLION)) return 0;
  return decadeOf(largest);
}

/** @returns `10⁻⁷` for -7. */
export function powerText(power: number): string {
  const digits = String(Math.abs(power)).replace(/\d/g, (digit) => SUPERSCRIPTS.charAt(Number(digit)));
  return `10${power < 0 ? "⁻" : ""}${digits}`;
}

/** @returns `2026-01-05 12:30:05 UTC`. */
export function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/**
 * @param measure - the width of a text, in the unit of `width`.
 * @returns `text` on as many lines as it needs, broken between words, but not before `%`; a word that is wider than a line is shortened.
 */
export function wrap(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/ (?!%)/)) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last !== undefined && measure(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(shorten(word, width, measure));
  }
  return lines;
}

/**
 * @param measure - the width of a text, in the unit of `width`.
 * @returns `text` on one line; when wider than `width`, its start and its end with `…` between, since names often differ only at their end.
 */
export function shorten(text: string, width: number, measure: (text: string) => number): string {
  const oneLine = text.replace(/\s+|\p{Cc}+/gu, " ").trim();
  if (measure(oneLine) <= width) return oneLine;
  const characters = Array.from(CHARACTERS.segment(oneLine), ({ segment }) => segment);
  let [fits, tooMany] = [0, characters.length];
  while (tooMany - fits > 1) {
    const kept = Math.floor((fits + tooMany) / 2);
    if (measure(keepEnds(characters, kept)) <= width) fits = kept;
    else tooMany = kept;
  }
  return keepEnds(characters, fits);
}

function keepEnds(characters: readonly string[], kept: number): string {
  const atStart = Math.ceil(kept / 2);
  return `${characters.slice(0, atStart).join("")}…${characters.slice(characters.length - (kept - atStart)).join("")}`;
}
