import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test, type TestContext } from "vitest";
import { Dice } from "./harness/dice.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";
import { framesOf, Sender, someRows, type SentRow } from "./harness/sender.js";
import { knownTruth } from "./harness/truth.js";
import { until } from "../until.js";

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

/** A pipeline without a source, and the publisher in its place. */
async function open(context: TestContext): Promise<{ pipeline: Pipeline; sender: Sender; dice: Dice }> {
  const pipeline = await openPipeline(context, broker);
  pipeline.metrics.start();
  pipeline.model.start();
  await Promise.all([pipeline.metrics.ready(), pipeline.model.ready()]);
  return { pipeline, sender: await Sender.open(context, pipeline), dice: new Dice() };
}

function expectRows(pipeline: Pipeline, rows: readonly SentRow[]): void {
  for (const { id, row } of rows) pipeline.others.set(id, row);
}

const outcome = (pipeline: Pipeline, side: string, name: string) =>
  pipeline.metrics.metric(`streamgauge_metrics_rows{side="${side}",outcome="${name}"}`);

const ROWS = 20_000;

test("every message three times, in other frames and another order each time, with a kill of metrics between", async (context) => {
  const { pipeline, sender, dice } = await open(context);
  const rows = someRows("thrice", ROWS);
  expectRows(pipeline, rows);
  for (const size of [64, 1_000, 333]) {
    const format = dice.pick(["json", "arrow"]);
    const sendings = framesOf(dice.shuffled(rows), size).flatMap((frame) => [
      () => sender.features(frame, format),
      () => sender.labels(frame, format),
      () => sender.predictions(frame, format),
    ]);
    await Promise.all(dice.shuffled(sendings).map((send) => send()));
    await pipeline.metrics.kill();
  }
  await settles(pipeline);
});

test("frames that name an id twice", async (context) => {
  const { pipeline, sender } = await open(context);
  const rows = someRows("twins", 500);
  expectRows(pipeline, rows);
  const doubled = [...rows, ...rows.toReversed()];
  await Promise.all([sender.features(doubled), sender.labels(doubled, "arrow")]);
  await settles(pipeline);
});

test("one row a million times leaves one line", { timeout: 600_000 }, async (context) => {
  const { pipeline, sender } = await open(context);
  const [row] = someRows("one", 1);
  if (row === undefined) throw new Error("There is a row.");
  expectRows(pipeline, [row]);
  const frame = Array.from({ length: 1_000 }, () => row);
  for (let copies = 0; copies < 1_000_000; copies += 4_000)
    await Promise.all(Array.from({ length: 4 }, () => [sender.features(frame, "arrow"), sender.labels(frame, "arrow")]).flat());
  await until(
    "all copies are counted",
    () => outcome(pipeline, "y_pred", "duplicates"),
    (count) => count === 999_999,
    300_000,
  );
  await settles(pipeline);
});

const ORDERS = ["labels first", "labels last", "labels in reverse"] as const;

test.for(ORDERS)("%s, with metrics started anew between", async (order, context) => {
  const { pipeline, sender } = await open(context);
  const rows = someRows("order", ROWS);
  expectRows(pipeline, rows);
  const frames = framesOf(rows, 500);
  const labels = () => Promise.all((order === "labels in reverse" ? frames.toReversed() : frames).map((frame) => sender.labels(frame)));
  const features = () => Promise.all(frames.map((frame) => sender.features(frame, "arrow")));
  const [first, second, side] = order === "labels first" ? [labels, features, "y_true"] : [features, labels, "y_pred"];
  await first();
  await until(
    "all halves wait on disk",
    () => outcome(pipeline, side, "pending"),
    (count) => count === ROWS,
  );
  await pipeline.metrics.stop();
  pipeline.metrics.start();
  await second();
  await settles(pipeline);
});

test("halves whose partners never come are written to unmatched.csv, and add up", async (context) => {
  const pipeline = await openPipeline(context, broker, { metrics: { LABEL_RETENTION_MS: "3000" } });
  pipeline.metrics.start();
  pipeline.model.start();
  const sender = await Sender.open(context, pipeline);
  const [alone, unlabelled, whole] = [someRows("alone", 700), someRows("unlabelled", 300), someRows("whole", 500)];
  expectRows(pipeline, whole);
  await Promise.all([sender.labels(alone), sender.features(unlabelled), sender.features(whole), sender.labels(whole)]);
  await until(
    "both are unmatched",
    async () => [await outcome(pipeline, "y_true", "unmatched"), await outcome(pipeline, "y_pred", "unmatched")],
    ([labels, predictions]) => labels === alone.length && predictions === unlabelled.length,
  );
  const unmatched: string[][] = parse(readFileSync(join(pipeline.logsDir, "unmatched.csv")), { from_line: 2 });
  expect(new Set(unmatched.map(([id]) => id))).toEqual(new Set([...alone, ...unlabelled].map(({ id }) => id)));
  await settles(pipeline);
});

test("other values for ids that have one: the first stays, conflicts.csv has both", async (context) => {
  const { pipeline, sender } = await open(context);
  const rows = someRows("changed", 1_000);
  expectRows(pipeline, rows);
  await Promise.all([sender.features(rows), sender.labels(rows)]);
  await until(
    "all rows are logged",
    () => pipeline.logged(),
    (count) => count === rows.length,
  );
  await Promise.all([sender.labels(rows, "json", 1), sender.predictions(rows.slice(0, 400), "arrow", 1)]);
  await pipeline.metrics.kill();
  await until(
    "all others are conflicts",
    async () => [await outcome(pipeline, "y_true", "conflicts"), await outcome(pipeline, "y_pred", "conflicts")],
    ([labels, predictions]) => labels === 1_000 && predictions === 400,
  );
  const { yTrue } = await knownTruth();
  const conflicts: string[][] = parse(readFileSync(join(pipeline.logsDir, "conflicts.csv")), { from_line: 2 });
  const labels = new Map(conflicts.filter(([, field]) => field === "y_true").map(([id, , kept, refused]) => [id, [kept, refused]]));
  for (const { id, row } of rows) expect(labels.get(id)).toEqual([String(yTrue[row]), String((yTrue[row] ?? 0) + 1)]);
  await settles(pipeline);
});
