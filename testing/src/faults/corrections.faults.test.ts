import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { until } from "../until.js";
import { Dice } from "./harness/dice.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { framesOf, Sender, someRows } from "./harness/sender.js";
import { emptied, settles } from "./harness/settling.js";

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

const FAILPOINTS = ["metrics-before-write", "metrics-after-write", "metrics-after-log", "metrics-after-sync", "metrics-after-commit"];
const ROWS = 2_000;
/** When each label was corrected, ms since 1970, and what was added to it; the last one counts. */
const CORRECTIONS = [
  { at: 1_000, more: 10 },
  { at: 2_000, more: 20 },
  { at: 3_000, more: 30 },
];

/** The records of a file beside the log, without its header. */
function records(pipeline: Pipeline, name: string): string[][] {
  return parse(readFileSync(join(pipeline.logsDir, name)), { from_line: 2 });
}

test("corrections before, among and after their labels, each twice and in any order, while metrics is killed at every step", async (context) => {
  const pipeline = await openPipeline(context, broker);
  pipeline.metrics.start();
  pipeline.model.start();
  await Promise.all([pipeline.metrics.ready(), pipeline.model.ready()]);
  const sender = await Sender.open(context, pipeline);
  const dice = new Dice();
  const rows = someRows("corrected", ROWS);
  for (const { id, row } of rows) pipeline.others.set(id, row);

  const halves = framesOf(rows, 100).flatMap((frame) => [() => sender.features(frame), () => sender.labels(frame, "arrow")]);
  const corrections = [...CORRECTIONS, ...CORRECTIONS].flatMap(({ at, more }) =>
    framesOf(dice.shuffled(rows), dice.whole(50, 300)).map(
      (frame) => () => sender.corrections(frame, at, more, dice.pick(["json", "arrow"])),
    ),
  );
  const sendings = dice.shuffled([...halves, ...corrections]);
  const share = Math.ceil(sendings.length / FAILPOINTS.length);
  for (const [i, failpoint] of FAILPOINTS.entries()) {
    const part = sendings.slice(i * share, (i + 1) * share);
    await Promise.all([pipeline.metrics.crashAt(`${failpoint}:${dice.whole(1, 2)}`), ...part.map((send) => send())]);
  }
  await until(
    "all rows are logged",
    () => pipeline.logged(),
    (count) => count === ROWS,
  );
  await emptied(pipeline);

  // By id: what took the place of what, and what was refused.
  const log = new Map(
    records(pipeline, "metric_log.csv").map(([id = "", yTrue, yPred]) => [id, { yTrue: Number(yTrue), yPred: Number(yPred) }]),
  );
  const labels = new Map(Array.from(log, ([id, { yTrue }]) => [id, yTrue]));
  const settled = new Map<string, number[]>();
  for (const [id = "", old, next, time, who] of records(pipeline, "corrections.csv")) {
    const more = Number(next) - (log.get(id)?.yTrue ?? Number.NaN);
    expect([id, Number(old), who, time]).toEqual([id, labels.get(id), "ann", `1970-01-01T00:00:0${more / 10}.000Z`]);
    labels.set(id, Number(next));
    settled.set(id, [...(settled.get(id) ?? []), more]);
  }
  for (const [id = "", field, , refused] of records(pipeline, "conflicts.csv")) {
    expect(field).toBe("correction");
    settled.set(id, [...(settled.get(id) ?? []), Number(refused) - (log.get(id)?.yTrue ?? Number.NaN)]);
  }
  for (const { id } of rows) {
    expect([id, settled.get(id)?.toSorted((a, b) => a - b)]).toEqual([id, [10, 20, 30]]);
    expect([id, labels.get(id)]).toEqual([id, (log.get(id)?.yTrue ?? Number.NaN) + 30]);
  }

  const mae = Array.from(log.values(), ({ yTrue, yPred }) => Math.abs(yPred - (yTrue + 30))).reduce((sum, error) => sum + error, 0) / ROWS;
  expect(await pipeline.metrics.metric('streamgauge_metrics_corrected_error{statistic="mae"}')).toBeCloseTo(mae, 9);
  const { windows }: { windows: { labelled: number; mae: number }[] } = JSON.parse(await pipeline.cli("windows", "--size", "1d", "--json"));
  expect(windows.reduce((sum, { labelled }) => sum + labelled, 0)).toBe(ROWS);
  expect(windows.reduce((sum, window) => sum + window.labelled * window.mae, 0) / ROWS).toBeCloseTo(mae, 9);
  await settles(pipeline);
});
