import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CHAMPION,
  Ids,
  labelContract,
  LABELS,
  MemoryBroker,
  MemoryBus,
  predictionContract,
  predictionsOf,
  topologyOf,
  LanePartition,
  type Bus,
  type Closable,
} from "@streamgauge/core";
import { captureLog, startServiceOn } from "@streamgauge/testing";
import { lanePaths } from "@streamgauge/core/metric-log";
import * as service from "@streamgauge/metrics";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { resendUnmatched } from "./unmatched.js";

const { log } = captureLog();
let logsDir: string;
let bus: Bus;
let metrics: Closable;

beforeEach(async () => {
  logsDir = temporaryFolder();
  bus = new MemoryBus(new MemoryBroker(topologyOf([CHAMPION])), "metrics", log);
  metrics = await startServiceOn(bus, service, { LOGS_DIR: logsDir, LABEL_RETENTION_MS: "1" }, { log });
});

afterEach(async () => {
  await metrics.close();
  await bus.close();
});

const idsFrom = (prefix: string, count: number) => Ids.of(Array.from({ length: count }, (_, i) => `${prefix}${i}`));

function label(prefix: string, count: number): Promise<void> {
  const y_true = Float64Array.from({ length: count }, (_, i) => i);
  return bus.publish(LABELS, labelContract.write({ ids: idsFrom(prefix, count), y_true }, "json", Date.now()));
}

function predict(prefix: string, count: number, model: string): Promise<void> {
  const frame = { ids: idsFrom(prefix, count), y_pred: new Float64Array(count), model, unit: "" };
  return bus.publish(predictionsOf(CHAMPION), predictionContract.write(frame, "json", Date.now()));
}

function linesOf(path: string): string[] {
  return readFileSync(path, "utf8").trim().split("\n").slice(1);
}

test("halves that came too late for each other are logged when they are sent again", { timeout: 30_000 }, async () => {
  const { unmatched, log: path } = lanePaths(logsDir, new LanePartition(CHAMPION));
  await label("a,", 300);
  await predict("b", 2, "m@1");
  await predict("c", 1, "m@2");
  await vi.waitFor(() => expect(linesOf(unmatched)).toHaveLength(303), { timeout: 15_000, interval: 50 });
  expect(await resendUnmatched(bus, unmatched, CHAMPION)).toBe(303);
  await predict("a,", 300, "m@1");
  await label("b", 2);
  await label("c", 1);
  await vi.waitFor(() => expect(linesOf(path)).toHaveLength(303), { timeout: 15_000, interval: 50 });
  expect(linesOf(path)).toEqual(expect.arrayContaining(['"a,299",299,0,299', "b1,1,0,1", "c0,0,0,0"]));
});

test("without a file there is nothing to send", async () => {
  expect(await resendUnmatched(bus, join(logsDir, "none.csv"), CHAMPION)).toBe(0);
});

test("a line that is no record is named, and what was before it may be sent again", async () => {
  const path = join(logsDir, "torn.csv");
  writeFileSync(path, 'id,field,value,model\na,y_true,1,\nb"c,y_true,2,\n');
  await expect(resendUnmatched(bus, path, CHAMPION)).rejects.toThrow(
    `${path}, line 3: a quote stands within a cell that does not begin with one. Mend or remove the line, and send again: what was sent already counts once.`,
  );
});

test("a correction that waited in vain is applied when it is sent again, as made when it first came", { timeout: 30_000 }, async () => {
  const { unmatched, corrections, log: path } = lanePaths(logsDir, new LanePartition(CHAMPION));
  const correction = { ids: Ids.of(["d0"]), y_true: Float64Array.of(5), correction: { who: "ann" } };
  await bus.publish(LABELS, labelContract.write(correction, "json", Date.now()));
  await vi.waitFor(() => expect(linesOf(unmatched)).toHaveLength(1), { timeout: 15_000, interval: 50 });
  const [record = ""] = linesOf(unmatched);
  expect(record).toMatch(/^d0,correction,5,,.*,no label to correct was logged within 2000 ms$/);
  await label("d", 1);
  await predict("d", 1, "m@1");
  await vi.waitFor(() => expect(linesOf(path)).toHaveLength(1), { timeout: 15_000, interval: 50 });
  expect(await resendUnmatched(bus, unmatched, CHAMPION)).toBe(1);
  await vi.waitFor(() => expect(linesOf(corrections)).toEqual([`d0,0,5,${record.split(",")[4]},replay`]), {
    timeout: 15_000,
    interval: 50,
  });
});
