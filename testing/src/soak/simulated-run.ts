import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_DATASET } from "@streamgauge/features";
import type { ServiceProcess } from "../faults/harness/service-process.js";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** Rows of the source for a second of the clock. */
const ROWS_PER_SECOND = 1_000;

/** Event time that goes faster than the clock: each row of the source happens one step after the row before it. */
export interface SimulatedRun {
  /** When it begins, ms since 1970: a full hour. */
  readonly from: number;
  /** How many times faster it goes. */
  readonly speed: number;
  /** From one row to the next, in whole ms. */
  readonly stepMs: number;
  /** Rows of the source. */
  readonly rows: number;
}

/**
 * A run of so many hours that is over by now, so that none of its rows is in the future.
 *
 * @param minutes - how long it takes. @param now - ms since 1970.
 */
export function simulatedRun(hours: number, minutes: number, now: number): SimulatedRun {
  const speed = (hours * 60) / minutes;
  const stepMs = Math.max(1, Math.round((speed * 1_000) / ROWS_PER_SECOND));
  const from = Math.floor((now - hours * HOUR_MS) / HOUR_MS) * HOUR_MS - HOUR_MS;
  return { from, speed, stepMs, rows: Math.floor((hours * HOUR_MS) / stepMs) };
}

/** The rows of the study with a column `when`, one step after another: further passes go on where it ends. */
export function timedDataset({ from, stepMs }: SimulatedRun): string {
  const [head = "", ...lines] = readFileSync(DEFAULT_DATASET, "utf8").trim().split(/\r?\n/);
  return [`when,${head}`, ...lines.map((line, row) => `${from + row * stepMs},${line}`), ""].join("\n");
}

/** The checkpoint of a source. */
export interface SourceProgress {
  readonly rows: number;
  readonly finished: boolean;
}

/** How far a source got; at its first row if it has not written it yet. */
export function progressOf({ options }: ServiceProcess): SourceProgress {
  try {
    return JSON.parse(readFileSync(join(options.env["LOGS_DIR"] ?? "", ".state/features.json"), "utf8"));
  } catch {
    return { rows: 0, finished: false };
  }
}
