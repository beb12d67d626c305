import type { Setting } from "@streamgauge/core";

/** How rare false alarms are to be: one in so many rows, or one in such a time at the current rate of rows. */
export type AlarmEvery = { readonly rows: number } | { readonly ms: number };

export const SEASONS = ["none", "hour-of-week"] as const;
export type Season = (typeof SEASONS)[number];

/** How the alarm is set. */
export interface AlarmSettings {
  readonly every: AlarmEvery;
  /** How much worse, or better, than the reference is no change; 0.05 is 5 %. */
  readonly tolerance: number;
  /** Rows of the reference, at least. */
  readonly referenceRows: number;
  readonly season: Season;
}

/** The defaults of the settings. */
export const DEFAULT_ALARM: AlarmSettings = { every: { rows: 100_000 }, tolerance: 0.05, referenceRows: 1_000, season: "none" };

/** The least rows between false alarms. */
const LEAST_EVERY_ROWS = 100;
const MAX_EVERY_ROWS = 1e15;

const MINUTE = 60_000;
const UNITS: Readonly<Record<string, number>> = { m: MINUTE, h: 60 * MINUTE, d: 24 * 60 * MINUTE, w: 7 * 24 * 60 * MINUTE };
/** A hundred years. */
const MAX_EVERY_MS = 36_525 * 24 * 60 * MINUTE;

/** A number of rows such as 100000, or a time such as 365d. */
export function alarmEvery(description: string, fallback: string): Setting<AlarmEvery> {
  return { description, default: fallback, parse: parseEvery };
}

/** @throws Error whose message completes "NAME …". */
export function parseEvery(given: string): AlarmEvery {
  const [, digits = "", unit] = /^(\d+(?:e\d+)?)([mhdw])?$/i.exec(given) ?? [];
  const number = digits === "" ? Number.NaN : Number(digits);
  const ms = unit === undefined ? undefined : number * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  if (ms !== undefined && ms >= MINUTE && ms <= MAX_EVERY_MS) return { ms };
  if (ms === undefined && number >= LEAST_EVERY_ROWS && number <= MAX_EVERY_ROWS) return { rows: number };
  throw new Error("must be a number of rows from 100 to 1e15, or a time from 1m to 100 years in m, h, d or w, such as 100000 or 365d");
}

/** The settings of metrics that the alarm reads. */
export interface AlarmConfig {
  readonly ALARM_EVERY: AlarmEvery;
  readonly ALARM_TOLERANCE: number;
  readonly REFERENCE_ROWS: number;
  readonly ALARM_SEASON: Season;
}

/** How the alarm is set by the settings of metrics. */
export function alarmSettings(config: AlarmConfig): AlarmSettings {
  const { ALARM_EVERY: every, ALARM_TOLERANCE: tolerance, REFERENCE_ROWS: referenceRows, ALARM_SEASON: season } = config;
  return { every, tolerance, referenceRows, season };
}
