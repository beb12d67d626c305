import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { compareLogs, highestRows, type Comparison } from "./oracle.js";
import type { Pipeline } from "./pipeline.js";
import type { Exit } from "../../node-process.js";
import type { ServiceProcess } from "./service-process.js";
import { knownTruth } from "./truth.js";
import { until } from "../../until.js";

/** A run of a source, and how many of its rows the broker has confirmed. */
export interface SentRun {
  readonly run: string;
  readonly rows: number;
}

/** How long the last rows may take to reach the log, from the last sign of progress. */
const STANDSTILL_MS = 60_000;
const CLEAN_END: Exit = { code: 0, signal: null };

/**
 * The end of every case: the sources stop, the rest flows into the log, every process ends with 0, every row adds up, and the log is
 * what an undisturbed run would have written.
 *
 * @param deadLetters - how many are expected.
 */
export async function settles(pipeline: Pipeline, { deadLetters = 0 }: { readonly deadLetters?: number } = {}): Promise<void> {
  await drained(pipeline, await stopSources(pipeline));
  const runs = await caughtUp(pipeline);
  const depths = await drained(pipeline, runs);
  expect(depths["dead-letters"]).toBe(deadLetters);
  for (const service of [pipeline.model, ...pipeline.joins]) expect(await service.stop()).toEqual(CLEAN_END);
  await addsUp(pipeline);
  const comparison = await compareLogs(pipeline.logPaths, { runs, others: pipeline.others }, await knownTruth());
  noteFigures(pipeline, comparison);
  expect(comparison).toEqual({ rows: rowsOf(pipeline, runs), lost: 0, doubled: 0, unexpected: 0, wrong: 0, examples: [] });
}

/** Stops the sources that run and returns the runs of all. */
export async function stopSources({ sources }: Pipeline): Promise<SentRun[]> {
  const runs: SentRun[] = [];
  for (const source of sources) {
    if (source.runs || source.supervised) expect(await source.stop()).toEqual(CLEAN_END);
    if (source.exits.length > 0) runs.push(await checkpointOf(source));
  }
  return runs;
}

async function checkpointOf({ options }: ServiceProcess): Promise<SentRun> {
  const text = await readFile(join(options.env["LOGS_DIR"] ?? "", ".state/features.json"), "utf8");
  const { run, rows }: SentRun = JSON.parse(text);
  return { run, rows };
}

/** A source that was killed goes on until it has sent again what its last life sent after its checkpoint. */
async function caughtUp(pipeline: Pipeline): Promise<SentRun[]> {
  const highest = await highestRows(pipeline.logPaths);
  for (const source of pipeline.sources) {
    if (source.exits.length === 0) continue;
    const { run, rows } = await checkpointOf(source);
    const sent = highest.get(run) ?? 0;
    if (rows >= sent) continue;
    source.start();
    await until(`${source.options.label} has sent ${sent} rows`, async () => (await checkpointOf(source)).rows >= sent);
  }
  return stopSources(pipeline);
}

function rowsOf({ others }: Pipeline, runs: readonly SentRun[]): number {
  return runs.reduce((sum, { rows }) => sum + rows, others.size);
}

/** Resolves with the depths of all queues when all rows are logged and nothing is under way. */
export async function drained(pipeline: Pipeline, runs: readonly SentRun[]): Promise<Readonly<Record<string, number>>> {
  const rows = rowsOf(pipeline, runs);
  for (let last = -1; last < rows;) {
    const before = last;
    last = await until(
      `more than ${before} of ${rows} rows are logged`,
      () => pipeline.logged(),
      (count) => count > before,
      STANDSTILL_MS,
    );
  }
  return emptied(pipeline);
}

/** Queues that no service of a case reads. */
const KEPT = ["dead-letters", "alerts", "windows", "feature-windows"];

/** Resolves with the depths of all queues when nothing is under way. Dead letters, alerts and windows stay where they are. */
export function emptied(pipeline: Pipeline): Promise<Readonly<Record<string, number>>> {
  return until(
    "all queues are empty",
    () => pipeline.depths(),
    (queues) => Object.entries(queues).every(([name, messages]) => KEPT.includes(name) || messages === 0),
  );
}

/** `streamgauge verify` exits with 0. */
export async function addsUp(pipeline: Pipeline): Promise<void> {
  const said = await pipeline.cli("verify").catch((error: unknown) => `FAILED\n${String(Object(error)["stdout"])}`);
  pipeline.transcript.note("verify", said);
  expect(said).toContain("Every row adds up");
}

function noteFigures({ figures, services }: Pipeline, { rows, lost, doubled, unexpected, wrong }: Comparison): void {
  const kills = services.flatMap(({ exits }) => exits).filter(({ signal }) => signal === "SIGKILL").length;
  Object.assign(figures, { rows, lost, doubled, unexpected, wrong, kills: figures.kills + kills });
}
