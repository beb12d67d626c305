import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { JoinState } from "../join/join-state.js";
import type { LanePaths } from "@streamgauge/core/metric-log";
import { SIDES, type Side } from "../state/half-table.js";
import type { Traffic } from "./traffic.js";
import { assertCorrections, isOfCorrection } from "./correction-oracle.js";
import { assertAlarms } from "./alarm-oracle.js";
import { assertFeatureWindows } from "./feature-oracle.js";
import { assertWindows } from "./window-oracle.js";

/** The end of a schedule, when nothing more can happen. */
export interface Ending {
  readonly paths: LanePaths;
  readonly state: JoinState;
  /** Rows delivered to metrics, with redeliveries. */
  readonly handedOut: Readonly<Record<Side, number>>;
  /** Whether messages were redelivered because a run crashed. */
  readonly again: boolean;
  readonly deadLetters: number;
}

/** Compares the files with those of an undisturbed run. It shares no code with the join. @throws Error on a difference. */
export function assertOutcome(traffic: Traffic, ending: Ending): void {
  const { paths, state, again } = ending;
  const expected = expectedRecords(traffic);

  const log = partsOf(paths.log).flatMap((part) => {
    const records = recordsIn(part, paths.log);
    equal("header of the log", records.shift(), ["id", "y_true", "y_pred", "absolute_error"]);
    return records;
  });
  equal("log", sorted(log), sorted(expected.log));

  const unmatched = recordsOf(paths.unmatched)
    .slice(1)
    .map(([id, field, value]) => [id, field, value]);
  equal("unmatched.csv", sorted(unmatched), sorted(expected.unmatched));

  const refusedOnes = recordsOf(paths.conflicts).slice(1);
  const conflicts = refusedOnes.filter((record) => !isOfCorrection(record)).map((record) => record.slice(0, 4));
  // A message that was partly settled is redelivered as a whole.
  if (again) equal("conflicts.csv", [...new Set(sorted(conflicts))], [...new Set(sorted(expected.conflicts))]);
  else equal("conflicts.csv", sorted(conflicts), sorted(expected.conflicts));

  const frames = traffic.acts.flatMap((act) => act.frames);
  for (const side of SIDES) {
    const own = frames.filter((frame) => frame.side === side && frame.correctedAt === undefined);
    const bad = own.reduce((sum, { badRows }) => sum + badRows, 0);
    const sent = own.reduce((sum, { halves }) => sum + halves.length, bad);
    const { received, logged, unmatched: gone, deadLettered, duplicates, conflicts: refused } = state.balance[side];
    equal(`${side}: logged`, logged, expected.log.length);
    equal(`${side}: pending`, [state.pending.counts[side], state.store.count(side)], [0, 0]);
    equal(`${side}: unmatched`, gone, expected.unmatched.filter(([, field]) => field === side).length);
    equal(`${side}: conflicts`, refused, conflicts.filter(([, field]) => field === side).length);
    equal(`${side}: balance`, received, logged + gone + deadLettered + duplicates + refused);
    atLeast(`${side}: dead-lettered`, deadLettered, bad, again);
    atLeast(`${side}: received`, received, sent, again);
    if (received > ending.handedOut[side]) throw new Error(`${side}: ${received} rows received, ${ending.handedOut[side]} handed out`);
  }
  atLeast("dead letters", ending.deadLetters, frames.filter(({ badRows }) => badRows > 0).length, again);
  equal("lines", [state.log.lines, state.log.statistics.count], [expected.log.length, expected.log.length]);
  assertMean(state, traffic);
  assertCorrections(traffic, recordsOf(paths.corrections), refusedOnes, state);
  assertWindows(traffic.rows, paths, state);
  assertFeatureWindows(traffic.rows, state);
  assertAlarms(log, traffic.rows, state);
}

function expectedRecords({ rows }: Traffic) {
  const log: string[][] = [];
  const unmatched: string[][] = [];
  const conflicts: string[][] = [];
  for (const row of rows) {
    const { id, y_true, y_pred, fate } = row;
    if (fate === "both") log.push([id, String(y_true), String(y_pred), String(Math.abs(y_true - y_pred))]);
    for (const side of SIDES) if (fate === "apart" || fate === side) unmatched.push([id, side, String(row[side])]);
    if (fate !== "both") for (const { value } of row.corrections) unmatched.push([id, "correction", String(value)]);
    for (const { side, value } of row.later) conflicts.push([id, side, String(row[side]), String(value)]);
  }
  return { log, unmatched, conflicts };
}

function assertMean({ log }: JoinState, { rows }: Traffic): void {
  const errors = rows.filter(({ fate }) => fate === "both").map(({ y_true, y_pred }) => Math.abs(y_true - y_pred));
  if (errors.length === 0) return;
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const { mae } = log.statistics.values();
  if (Math.abs(mae - mean) > 1e-9 * Math.max(1, mean)) throw new Error(`mean absolute error: ${mae}, expected ${mean}`);
}

/** The texts of all parts of a log, the newest last. */
function partsOf(log: string): string[] {
  const stem = log.replace(/csv$/, "");
  const names = readdirSync(dirname(log)).filter((name) => join(dirname(log), name).startsWith(stem) && /\d-\d{8}\.csv(\.gz)?$/.test(name));
  const finished = names.toSorted().map((name) => readFileSync(join(dirname(log), name)));
  const isPacked = (bytes: Buffer) => bytes[0] === 0x1f;
  return [...finished, readFileSync(log)].map((bytes) => (isPacked(bytes) ? gunzipSync(bytes) : bytes).toString("utf8"));
}

/** The records of a CSV file. @throws Error if it ends within one. */
function recordsOf(path: string): string[][] {
  return recordsIn(readFileSync(path, "utf8"), path);
}

function recordsIn(text: string, path: string): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const character = text[i] ?? "";
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "," || character === "\n") {
      fields.push(field);
      field = "";
      if (character === ",") continue;
      records.push(fields);
      fields = [];
    } else field += character;
  }
  if (field !== "" || fields.length > 0) throw new Error(`${path} ends within a record.`);
  return records;
}

function sorted(records: readonly (readonly (string | undefined)[])[]): string[] {
  return records.map((record) => JSON.stringify(record)).sort();
}

function equal(what: string, actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}:\n    is       ${is}\n    expected ${should}`);
}

/** Exactly so many, or more if messages were redelivered. */
function atLeast(what: string, actual: number, expected: number, orMore: boolean): void {
  if (actual !== expected && !(orMore && actual > expected)) throw new Error(`${what}: ${actual}, expected ${expected}`);
}
