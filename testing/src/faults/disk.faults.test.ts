import { setTimeout as delay } from "node:timers/promises";
import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openPipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";
import { mountSmallDisk } from "./harness/small-disk.js";

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

const SIZE_MIB = 256;

test("a full disk: metrics says so, takes nothing, and goes on when there is room", async (context) => {
  const disk = await mountSmallDisk(context, SIZE_MIB);
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED, logsDir: disk.folder });
  addMixedSources(pipeline);
  await pipeline.start();
  const dice = new Dice();
  for (let round = 0; round < 4; round += 1) {
    const from = pipeline.metrics.lines.length;
    disk.fill();
    await pipeline.metrics.says(/cannot be written.*no space left.*No messages are taken until it can/i, 30_000, from);
    const logged = pipeline.logBytes;
    await delay(dice.whole(0, 2_000));
    expect(pipeline.logBytes).toBeLessThanOrEqual(logged);
    expect(await pipeline.metrics.alive()).toBe(true);
    disk.makeRoom();
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});

test("a full disk and no state yet: metrics ends with a line that says so, and starts when there is room", async (context) => {
  const disk = await mountSmallDisk(context, SIZE_MIB);
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED, logsDir: disk.folder });
  disk.fill();
  pipeline.metrics.start();
  pipeline.metrics.unsupervise();
  await pipeline.metrics.says(/cannot be used \(ENOSPC: no space left on device.*\): make room there/);
  expect(await pipeline.metrics.ended()).toEqual({ code: 1, signal: null });
  disk.makeRoom();
  await pipeline.start();
  await settles(pipeline);
});

test("a full disk and a kill: metrics starts when there is room", async (context) => {
  const disk = await mountSmallDisk(context, SIZE_MIB);
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED, logsDir: disk.folder });
  addMixedSources(pipeline);
  await pipeline.start();
  for (let round = 0; round < 3; round += 1) {
    const from = pipeline.metrics.lines.length;
    disk.fill();
    await pipeline.metrics.says(/cannot be written/, 30_000, from);
    await pipeline.metrics.kill();
    await pipeline.metrics.says(/cannot be written/, 30_000, pipeline.metrics.lines.length);
    disk.makeRoom();
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});
