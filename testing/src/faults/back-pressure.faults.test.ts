import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTimeout as delay } from "node:timers/promises";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";
import { brokerUse } from "./harness/queues.js";
import { framesOf, Sender, someRows } from "./harness/sender.js";
import { until } from "../until.js";

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

/** What a process may still grow after its first minute of rest: caches and the heap of a garbage collector that has not run. */
const ALLOWANCE_MIB = 64;
const STALLED_MS = 15_000;

const CASES = [
  { stopped: "metrics", source: { FRAME_ROWS: "1" } },
  { stopped: "metrics", source: { FRAME_ROWS: "2048", FRAME_FORMAT: "arrow" } },
  { stopped: "model", source: { FRAME_ROWS: "256" } },
] as const;

test.for(CASES)(
  "$stopped stopped: a source at full speed with $source.FRAME_ROWS rows a message stalls in flat memory",
  async (given, context) => {
    const { stopped, source } = given;
    const pipeline = await openPipeline(context, broker, { source });
    await pipeline.start();
    await pipeline[stopped].end();
    await stalls(pipeline);
    const before = await memory(pipeline);
    await delay(STALLED_MS);
    const after = await memory(pipeline);
    for (const [who, mebibytes] of Object.entries(after)) expect(mebibytes, who).toBeLessThan((before[who] ?? 0) + ALLOWANCE_MIB);
    pipeline[stopped].start();
    await pipeline.isBackToWork();
    await settles(pipeline);
  },
);

/** Resolves when the broker has confirmed no more rows for 2 s. */
async function stalls({ features }: Pipeline): Promise<void> {
  let last = -1;
  let since = performance.now();
  await until("the source stalls", async () => {
    const sent = await features.metric("streamgauge_features_rows_total");
    if (sent !== last) since = performance.now();
    last = sent;
    return performance.now() - since > 2_000;
  });
}

async function memory(pipeline: Pipeline): Promise<Readonly<Record<string, number>>> {
  const running = pipeline.services.filter(({ runs }) => runs);
  const own = running.map(({ options, residentMiB }) => [options.label, residentMiB]);
  const all: Record<string, number> = { ...Object.fromEntries(own), broker: (await brokerUse(broker)).residentMiB };
  pipeline.transcript.note("memory", JSON.stringify(all));
  return all;
}

const PENDING = 1_000_000;

test("a million labels wait in flat memory, and are logged after a restart", { timeout: 600_000 }, async (context) => {
  const pipeline = await openPipeline(context, broker);
  pipeline.metrics.start();
  pipeline.model.start();
  await Promise.all([pipeline.metrics.ready(), pipeline.model.ready()]);
  const sender = await Sender.open(context, pipeline);
  const rows = someRows("late", PENDING);
  const frames = framesOf(rows, 8_192);
  const waiting = () => pipeline.metrics.metric('streamgauge_metrics_rows{side="y_true",outcome="pending"}');
  let early = Number.NaN;
  for (const [i, frame] of frames.entries()) {
    await sender.labels(frame, "arrow");
    if (i === Math.floor(frames.length / 4)) early = pipeline.metrics.residentMiB;
  }
  await until("all labels wait on disk", waiting, (count) => count === PENDING, 300_000);
  const late = pipeline.metrics.residentMiB;
  pipeline.transcript.note("memory", `metrics ${early} MiB with a quarter of them, ${late} MiB with all`);
  await pipeline.metrics.kill();
  for (const { id, row } of rows) pipeline.others.set(id, row);
  for (const frame of frames) await sender.features(frame, "arrow");
  await settles(pipeline);
  // Pages of the store that are mapped count as resident; the kernel takes them back when it needs them.
  expect(late - early).toBeLessThan(2 * ALLOWANCE_MIB);
});
