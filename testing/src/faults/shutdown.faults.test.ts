import { expect, test } from "vitest";
import { openBroker } from "./harness/own-broker.js";
import { openPipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

const SERVICES = ["features", "model", "metrics"] as const;
/** What a service has for its end, and what a busy machine takes to notice it. */
const WITHIN_MS = 10_500;

test.for(SERVICES)("SIGTERM to %s under full load: 0 within 10 s", async (name, context) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source: { FRAME_ROWS: "16" } });
  await pipeline.start();
  for (let round = 0; round < 3; round += 1) {
    const began = performance.now();
    expect(await pipeline[name].stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - began).toBeLessThan(WITHIN_MS);
    pipeline[name].start();
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

test.for(SERVICES)("SIGTERM to %s while the broker is frozen: it ends at the deadline, and nothing is lost", async (name, context) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source: { FRAME_ROWS: "16", ROWS_PER_SECOND: "5000" } });
  await pipeline.start();
  await broker.pause();
  const began = performance.now();
  const { code } = await pipeline[name].stop();
  const took = performance.now() - began;
  await broker.resume();
  expect(took).toBeLessThan(WITHIN_MS);
  expect(code).toBe(2);
  pipeline[name].start();
  await pipeline.isBackToWork();
  await settles(pipeline);
});

test("a second SIGTERM ends it at once with 2", async (context) => {
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source: { FRAME_ROWS: "16", ROWS_PER_SECOND: "5000" } });
  await pipeline.start();
  await broker.pause();
  const ended = pipeline.metrics.stop();
  await pipeline.metrics.says(/SIGTERM: ending/);
  pipeline.metrics.signal("SIGTERM");
  expect(await ended).toEqual({ code: 2, signal: null });
  await broker.resume();
  pipeline.metrics.start();
  await pipeline.isBackToWork();
  await settles(pipeline);
});
