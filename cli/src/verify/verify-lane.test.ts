import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CHAMPION,
  createLogger,
  Ids,
  labelContract,
  LABELS,
  MemoryBroker,
  MemoryBus,
  predictionContract,
  predictionsOf,
  topologyOf,
  LanePartition,
} from "@streamgauge/core";
import * as service from "@streamgauge/metrics";
import { builtFile, startServiceOn } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test, vi } from "vitest";
import { NoStateError } from "../lane-state.js";
import { asText } from "./verify-command.js";
import { verifyLane } from "./verify-lane.js";
import { verifyPartitions } from "./verify-partitions.js";

const log = createLogger("test", "silent");
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** Three pairs are logged, one label has no prediction, and one message is refused. */
async function logSomeRows({ y_true = Float64Array.of(1, 2, 3, 4), y_pred = Float64Array.of(1.5, 2.5, 3.5) } = {}): Promise<void> {
  const bus = new MemoryBus(new MemoryBroker(topologyOf([CHAMPION])), "test", log);
  const metrics = await startServiceOn(bus, service, { LOGS_DIR: folder }, { log });
  await bus.publish(LABELS, labelContract.write({ ids: Ids.of(["a", "b", "c", "late"]), y_true }, "json", 0));
  const predictions = { ids: Ids.of(["a", "b", "c"]), y_pred, model: "m@1", unit: "" };
  await bus.publish(predictionsOf(CHAMPION), predictionContract.write(predictions, "json", 0));
  await bus.publish(LABELS, { body: Buffer.from("{}"), contentType: "application/json", type: "y_true", headers: {} });
  await vi.waitFor(() => expect(metrics.running.state?.pending.counts.y_true).toBe(1), 10_000);
  await metrics.close();
  await bus.close();
}

test("every row of a log that nobody touched adds up", async () => {
  await logSomeRows();
  const { state, problems } = await verifyLane(folder, new LanePartition(CHAMPION));
  expect(problems).toEqual([]);
  expect(state.log.lines).toBe(3);
  expect(state.balance.y_true).toEqual({ received: 5, logged: 3, unmatched: 0, deadLettered: 1, duplicates: 0, conflicts: 0 });
  expect(state.pending).toEqual({ y_true: 1, y_pred: 0 });
});

test("errors beyond the largest double add up", async () => {
  await logSomeRows({ y_true: Float64Array.of(1.7e308, -1.7e308, 1.7e308, 4), y_pred: Float64Array.of(0, 0, -1.7e308) });
  expect(readFileSync(join(folder, "metric_log.csv"), "utf8")).toContain(",Infinity\n");
  const { state, problems } = await verifyLane(folder, new LanePartition(CHAMPION));
  expect([problems, state.log.lines]).toEqual([[], 3]);
});

test("what is behind the committed end does not count", async () => {
  await logSomeRows();
  appendFileSync(join(folder, "metric_log.csv"), "torn,1");
  expect((await verifyLane(folder, new LanePartition(CHAMPION))).problems).toEqual([]);
});

test("an id that is there twice is named, and the changed line count", async () => {
  await logSomeRows();
  const path = join(folder, "metric_log.csv");
  // Replaces a line by one of the same length, as an editor could.
  writeFileSync(path, readFileSync(path, "utf8").replace("b,2,2.5,0.5\n", "a,2,2.5,0.5\n"));
  const { problems } = await verifyLane(folder, new LanePartition(CHAMPION));
  expect(problems).toEqual([expect.stringContaining('has the id "a" more than once')]);
});

test("a line whose error does not follow from its values is named", async () => {
  await logSomeRows();
  const path = join(folder, "metric_log.csv");
  writeFileSync(path, readFileSync(path, "utf8").replace("b,2,2.5,0.5\n", "b,2,2.5,0.6\n"));
  const { problems } = await verifyLane(folder, new LanePartition(CHAMPION));
  // After the header and `a,1,1.5,0.5`.
  expect(problems[0]).toBe(`${path}, byte 44: "b,2,2.5,0.6" is no line of a log, or its absolute_error does not follow from its values.`);
});

test("a log that was cut is noticed", async () => {
  await logSomeRows();
  const path = join(folder, "metric_log.csv");
  writeFileSync(path, readFileSync(path, "utf8").slice(0, -7));
  expect((await verifyLane(folder, new LanePartition(CHAMPION))).problems).toEqual([
    expect.stringMatching(/has \d+ bytes; \d+ are committed/),
  ]);
});

test("a folder in which metrics has not run is said to be one", async () => {
  await expect(verifyLane(folder, new LanePartition(CHAMPION))).rejects.toThrow(NoStateError);
});

test("windows whose records were lost are said not to be checked", async () => {
  await logSomeRows();
  rmSync(join(folder, ".state/metrics.champion.lines"));
  const bus = new MemoryBus(new MemoryBroker(topologyOf([CHAMPION])), "test", log);
  await (await startServiceOn(bus, service, { LOGS_DIR: folder }, { log })).close();
  await bus.close();
  const verification = await verifyPartitions(folder, CHAMPION);
  expect([verification.problems, verification.unchecked]).toEqual([[], []]);
  const text = asText(verification);
  expect(text).toMatch(
    /\nNOT CHECKED: The windows were not counted again: they hold lines from before \S+champion\.lines begins, whose records were lost or set aside\.\n/,
  );
  expect(text).toContain("\nEvery row adds up; the log has 3 lines.\n");
});

test("the state of an earlier release is checked as any other", async () => {
  const release = builtFile("metrics/fixtures/state-of-releases/0.1.0");
  cpSync(release, folder, { recursive: true });
  expect((await verifyLane(folder, new LanePartition(CHAMPION))).problems).toEqual([]);
});

test("corrections add up, and one that was changed in the file is named", async () => {
  await logSomeRows();
  const bus = new MemoryBus(new MemoryBroker(topologyOf([CHAMPION])), "test", log);
  const metrics = await startServiceOn(bus, service, { LOGS_DIR: folder }, { log });
  const correct = (ids: string[], y_true: number[], at: number) =>
    bus.publish(
      LABELS,
      labelContract.write({ ids: Ids.of(ids), y_true: Float64Array.from(y_true), correction: { who: "ann" } }, "json", at),
    );
  await correct(["a", "none"], [10, 20], 1_000);
  await correct(["a", "b"], [11, 12], 2_000);
  await vi.waitFor(() => expect(metrics.running.state?.corrections.balance.received).toBe(4), 10_000);
  await metrics.close();
  await bus.close();
  const lane = new LanePartition(CHAMPION);
  const { state, problems } = await verifyLane(folder, lane);
  expect([problems, state.correctionBalance.applied, state.waitingCorrections]).toEqual([[], 3, 1]);
  const path = join(folder, "corrections.csv");
  const right = readFileSync(path, "utf8");
  expect(right).toBe(
    "id,old,new,time,who\na,1,10,1970-01-01T00:00:01.000Z,ann\na,10,11,1970-01-01T00:00:02.000Z,ann\nb,2,12,1970-01-01T00:00:02.000Z,ann\n",
  );
  writeFileSync(path, right.replace("b,2,12", "b,2,13").replace("a,10,11", "a,19,11"));
  expect((await verifyLane(folder, lane)).problems).toEqual([
    `${path}, line 3: the label of "a" was 10 until then, not 19.`,
    `${path} gives "b" the label 13; by the state it is 12.`,
  ]);
});
