import { randomBytes } from "node:crypto";
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { addsUp, drained, emptied, settles, stopSources } from "./harness/settling.js";

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

/** A pace at which the log is small enough to look at. */
const SOURCE = { ROWS_PER_SECOND: "2000", FRAME_ROWS: "16" };
const store = ({ logsDir }: Pipeline) => join(logsDir, ".state/metrics.champion");

/** What is done to the files while metrics is stopped, after SIGKILL. */
const TAMPERINGS = [
  { name: "lost its last 7 bytes", tamper: ({ logPath }: Pipeline) => truncateSync(logPath, readFileSync(logPath).length - 7) },
  {
    name: "got NUL bytes at its end",
    tamper: ({ logPath }: Pipeline, dice: Dice) => appendFileSync(logPath, Buffer.alloc(dice.whole(1, 8_192))),
  },
  { name: "got a torn line at its end", tamper: ({ logPath }: Pipeline) => appendFileSync(logPath, "mwp0000-0000000001,151,20") },
  { name: "got a line that was not committed", tamper: ({ logPath }: Pipeline) => appendFileSync(logPath, "never-sent,1,2,1\n") },
];

test.for(TAMPERINGS)("a log that $name while metrics was dead", async ({ tamper }, context) => {
  const pipeline = await openPipeline(context, broker, { source: SOURCE });
  await pipeline.start();
  const dice = new Dice();
  for (let round = 0; round < 3; round += 1) {
    await pipeline.metrics.end();
    tamper(pipeline, dice);
    pipeline.metrics.start();
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

/** What is done to the state while metrics is stopped, with no half waiting in it. */
const LOSSES = [
  { name: "deleted", lose: (pipeline: Pipeline) => rmSync(store(pipeline), { recursive: true }) },
  { name: "overwritten at its beginning", lose: (pipeline: Pipeline) => scribble(pipeline, () => 0, 8_192) },
  {
    name: "overwritten in the middle",
    lose: (pipeline: Pipeline, dice: Dice) => scribble(pipeline, (size) => 4_096 * dice.whole(2, size / 4_096 - 1), 4_096),
  },
  { name: "overwritten as a whole", lose: (pipeline: Pipeline) => scribble(pipeline, () => 0, Infinity) },
  {
    name: "cut in half",
    lose: (pipeline: Pipeline) => truncateSync(join(store(pipeline), "data.mdb"), fileSize(join(store(pipeline), "data.mdb")) / 2),
  },
];

test.for(LOSSES)("a state that was $name", async ({ lose }, context) => {
  const pipeline = await openPipeline(context, broker, { source: SOURCE });
  await pipeline.start();
  await drained(pipeline, await stopSources(pipeline));
  await pipeline.metrics.stop();
  lose(pipeline, new Dice());
  pipeline.metrics.start();
  pipeline.features.start();
  await pipeline.isBackToWork();
  await settles(pipeline);
});

function fileSize(path: string): number {
  return readFileSync(path).length;
}

/** Writes random bytes over a part of the state. */
function scribble(pipeline: Pipeline, from: (size: number) => number, length: number): void {
  const fd = openSync(join(store(pipeline), "data.mdb"), "r+");
  const { size } = fstatSync(fd);
  writeSync(fd, randomBytes(Math.min(size, length)), 0, Math.min(size, length), from(size));
  closeSync(fd);
}

test("a log that is taken away while metrics runs: a new one goes on, and both together are whole", async (context) => {
  const pipeline = await openPipeline(context, broker, { source: SOURCE });
  await pipeline.start();
  const taken = join(pipeline.folder, "taken.csv");
  renameSync(pipeline.logPath, taken);
  await pipeline.metrics.says(/metric_log\.csv was deleted while it was written to/);
  await pipeline.isBackToWork();
  const runs = await stopSources(pipeline);
  const rows = runs.reduce((sum, run) => sum + run.rows, 0);
  await emptied(pipeline);
  const before = idsIn(taken);
  await pipeline.metrics.stop();
  await pipeline.model.stop();
  const after = idsIn(pipeline.logPath);
  await addsUp(pipeline);
  expect({ both: before.length + after.length, different: new Set([...before, ...after]).size }).toEqual({ both: rows, different: rows });
});

function idsIn(path: string): string[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(1, -1)
    .map((line) => line.slice(0, line.indexOf(",")));
}

test("a second metrics process is refused, also while the first is frozen", async (context) => {
  const pipeline = await openPipeline(context, broker, { source: SOURCE });
  await pipeline.start();
  await refused(pipeline, pipeline.logsDir, /Another metrics process writes to the log/);
  await refused(pipeline, join(pipeline.folder, "elsewhere"), /Another process reads the queue metrics\.champion\.y_true/);
  pipeline.metrics.signal("SIGSTOP");
  await refused(pipeline, pipeline.logsDir, /Another metrics process writes to the log/);
  pipeline.metrics.signal("SIGCONT");
  await pipeline.isBackToWork();
  await settles(pipeline);
});

async function refused(pipeline: Pipeline, logsDir: string, reason: RegExp): Promise<void> {
  const second = pipeline.another("metrics", logsDir).start();
  second.unsupervise();
  await second.says(reason);
  expect(await second.ended()).toEqual({ code: 1, signal: null });
}
