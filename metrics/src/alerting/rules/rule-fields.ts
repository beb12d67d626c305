import { CHAMPION, quote, SEVERITIES } from "@streamgauge/core";
import { durationOf, durationText } from "./duration.js";

/** What is wrong with a field, and what to write instead. */
export class FieldError extends Error {
  override readonly name = "FieldError";
}

/** How a field of a rule is read. */
export interface Field<T> {
  /** For messages: what to write. */
  readonly example: string;
  /** Taken if the field is missing; undefined: it must be there. */
  readonly fallback: T | undefined;
  /** @throws FieldError whose message completes "field …: …" */
  read(given: unknown): T;
}

/** A number from `least` to `most`. */
export function numberField(least: number, most: number, example: string, fallback?: number): Field<number> {
  const range = most === Number.MAX_VALUE ? `of ${least} or more` : `from ${least} to ${most}`;
  return {
    example,
    fallback,
    read(given) {
      if (typeof given === "number" && given >= least && given <= most) return given;
      throw new FieldError(`must be a number ${range} (it is ${quote(given)})`);
    },
  };
}

/** A time of at least `least` ms, as `5m`. */
export function durationField(example: string, least: number, fallback?: number): Field<number> {
  return {
    example,
    fallback,
    read(given) {
      const ms = typeof given === "string" ? durationOf(given) : undefined;
      if (ms !== undefined && ms >= least) return ms;
      const what = ms === undefined ? "must be a time in ms, s, m, h or d" : "is too short";
      throw new FieldError(`${what} (it is ${quote(given)})`);
    },
  };
}

const HOUR_MS = 3_600_000;

/** Whole hours, at most `most` ms. */
export function hoursField(example: string, most: number, fallback: number): Field<number> {
  return {
    example,
    fallback,
    read(given) {
      const ms = typeof given === "string" ? durationOf(given) : undefined;
      if (ms !== undefined && ms >= HOUR_MS && ms <= most && ms % HOUR_MS === 0) return ms;
      throw new FieldError(`must be whole hours, from 1h to ${durationText(most)} (it is ${quote(given)})`);
    },
  };
}

/** One of some words. */
export function wordField<const T extends string>(words: readonly T[], fallback: T): Field<T> {
  return {
    example: fallback,
    fallback,
    read(given) {
      const word = words.find((each) => each === given);
      if (word !== undefined) return word;
      throw new FieldError(`must be ${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""} (it is ${quote(given)})`);
    },
  };
}

export const SEVERITY = wordField(SEVERITIES, "warning");

/** A name that labels and file names can have. */
export const NAME: Field<string> = {
  example: "mae-high",
  fallback: undefined,
  read(given) {
    if (typeof given === "string" && /^[a-z][a-z0-9_-]{0,63}$/.test(given)) return given;
    throw new FieldError(`must have at most 64 small letters, digits, - and _, a letter first (it is ${quote(given)})`);
  },
};

/** Names of lanes; all if it is left out. */
export const LANES = namesField("lanes", `[${CHAMPION}]`);
/** Names of features; all if it is left out. */
export const FEATURES = namesField("features", "[bmi, y_pred]");

/** Names of `what`; null if it is left out. */
function namesField(what: string, example: string): Field<readonly string[] | null> {
  return {
    example,
    fallback: null,
    read(given) {
      if (Array.isArray(given) && given.length > 0 && given.every((name) => typeof name === "string")) return given.map(String);
      throw new FieldError(`must be a list of one or more ${what} (it is ${quote(given)})`);
    },
  };
}
