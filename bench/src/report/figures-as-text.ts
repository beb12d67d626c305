import type { Spread } from "../percentile.js";

/** What stands for a figure that a case does not have. */
export const NONE = "–";

export function count(value: number): string {
  return value.toLocaleString("en");
}

/** Rounded to three digits: more would be noise. */
export function rate(value: number | undefined): string {
  return value === undefined ? NONE : Number(value.toPrecision(3)).toLocaleString("en", { maximumFractionDigits: 0 });
}

export function milliseconds(value: number | undefined): string {
  return value === undefined ? NONE : value.toFixed(1);
}

export function percent(share: number | undefined): string {
  return share === undefined ? NONE : `${Math.round(share * 100)} %`;
}

/** The least and the greatest. */
export function range(spread: Spread | undefined, format: (value: number) => string): string {
  return spread === undefined ? NONE : `${format(spread.min)}–${format(spread.max)}`;
}
