import {
  CHAMPION,
  forEachMetric,
  METRICS_EXCHANGE,
  MemoryBroker,
  MemoryBus,
  statisticsJson,
  topologyOf,
  writeNotice,
} from "@streamgauge/core";
import { captureLog, startServiceOn } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { start } from "./start.js";

const folder = freshFolder();
const ADVICE = 'set PARTITIONS=4 for every service, or stop them all and run "streamgauge repartition --to 1".';

let bus: MemoryBus;
let lines: readonly string[];
let ends: (() => Promise<void>)[];

beforeEach(() => {
  bus = new MemoryBus(new MemoryBroker(topologyOf([CHAMPION])), "test", captureLog("test").log);
  ends = [];
});

afterEach(async () => {
  for (const end of ends) await end();
});

async function startPlot(partitions: string): Promise<void> {
  const captured = captureLog("plot");
  lines = captured.lines;
  const settings = { LOGS_DIR: folder.path, PARTITIONS: partitions };
  const { close } = await startServiceOn(bus, { SETTINGS: {}, start }, settings, { log: captured.log });
  ends.push(close);
}

test("plot is refused beside a folder with another number, and writes none itself", async () => {
  await startPlot("4");
  expect(folder.names(/partitions/)).toEqual([]);
  folder.write("metric_log.csv", "");
  await expect(startPlot("4")).rejects.toThrow(
    `${folder.path} is laid out for one partition of metrics, and PARTITIONS is 4: set PARTITIONS=1 for every service, or stop them all and run "streamgauge repartition --to 4".`,
  );
});

test("plot that started before metrics ends when metrics has another number", async () => {
  await startPlot("1");
  const statistics = statisticsJson(
    1,
    forEachMetric(() => 1),
  );
  const notice = { lane: CHAMPION, partition: "champion.2of4", model: "m@1", unit: "", statistics, rows: [] };
  bus.broadcast(METRICS_EXCHANGE, writeNotice(notice));
  await vi.waitFor(() =>
    expect(lines.join("\n")).toContain(`Lane champion is laid out for 4 partitions of metrics, and PARTITIONS is 1: ${ADVICE}`),
  );
});
