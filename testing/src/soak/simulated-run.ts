import { existsSync, readFileSync } from "node:fs";
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
  /** How many hours it may last until it comes to the present. */
  readonly room: number;
}

/** A run lasts longer than its hours if faults take longer than planned. */
const ROOM = 4;

/**
 * A run of so many hours, and of four times as many if need be, that is over by now: none of its rows is in the future.
 *
 * @param minutes - how long it takes. @param now - ms since 1970.
 */
export function simulatedRun(hours: number, minutes: number, now: number): SimulatedRun {
  const speed = (hours * 60) / minutes;
  const stepMs = Math.max(1, Math.round((speed * 1_000) / ROWS_PER_SECOND));
  const room = Math.ceil(ROOM * hours);
  return { from: Math.floor(now / HOUR_MS - room) * HOUR_MS, speed, stepMs, room };
}

/** The rows of the study with a column `when`, one step after another: further passes go on where it ends. */
export function timedDataset({ from, stepMs }: SimulatedRun): string {
  const [head = "", ...lines] = readFileSync(DEFAULT_DATASET, "utf8").trim().split(/\r?\n/);
  return [`when,${head}`, ...lines.map((line, row) => `${from + row * stepMs},${line}`), ""].join("\n");
}

/** Rows of a source that the broker has confirmed, by its checkpoint; 0 if it has not written one yet. */
export function rowsSent({ options }: ServiceProcess): number {
  const path = join(options.env["LOGS_DIR"] ?? "", ".state/features.json");
  if (!existsSync(path)) return 0;
  const { rows }: { rows: number } = JSON.parse(readFileSync(path, "utf8"));
  return rows;
}
