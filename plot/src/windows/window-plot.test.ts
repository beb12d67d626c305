import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHAMPION, MemoryBroker, MemoryBus, topologyOf, WINDOW_REQUESTS_EXCHANGE, WINDOWS, type Closable } from "@streamgauge/core";
import { ErrorWindow, writeWindowMessage, type WindowMessage } from "@streamgauge/core/windows";
import { captureLog, Inbox, labelOne } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startWindowPlot } from "./window-plot.js";

const PATIENCE = { timeout: 30_000, interval: 10 };
const BEGIN = Date.parse("2026-01-05T09:17:00Z");

let metrics: MemoryBus;
let bus: MemoryBus;
let path: string;
const timed = vi.fn<(draw: () => Promise<void>) => Promise<void>>();
const onError = vi.fn<(error: unknown) => void>();
const closing: Closable[] = [];

beforeEach(() => {
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  metrics = new MemoryBus(broker, "metrics", captureLog("metrics").log);
  bus = new MemoryBus(broker, "plot", captureLog("plot").log);
  path = join(temporaryFolder(), "error_over_time.png");
  timed.mockReset().mockImplementation((draw) => draw());
  onError.mockReset();
});

afterEach(async () => {
  for (const plot of closing.splice(0)) await plot.close();
  expect(onError.mock.calls).toEqual([]);
});

async function start(): Promise<Closable> {
  const plot = await startWindowPlot({ bus, lane: CHAMPION, partitions: 1, path, share: 1, named: () => ({}), timed, onError });
  closing.push(plot);
  return plot;
}

/** What metrics sends of a minute with so many rows. */
function minuteOf(rows: number, rest: Partial<WindowMessage> = {}) {
  const window = new ErrorWindow("1m", BEGIN);
  for (let i = 0; i < rows; i += 1) {
    window.predict(0, BEGIN);
    labelOne(window, { yTrue: 10, yPred: 14, lagMs: 1_000, model: "m", tenth: 0 });
  }
  window.revision = rows;
  window.finalAt = BEGIN + 60_000;
  return writeWindowMessage({
    lane: CHAMPION,
    partition: CHAMPION,
    epoch: 1,
    watermark: BEGIN,
    windows: [window.save()],
    alarms: [],
    ...rest,
  });
}

test("asks for all windows, and draws them when they come", async () => {
  const requests = new Inbox();
  await metrics.subscribe(WINDOW_REQUESTS_EXCHANGE, "metrics", (delivery) => void requests.handler(delivery));
  await start();
  expect((await requests.one()).type).toBe("window_request");
  await metrics.publish(WINDOWS, minuteOf(1));
  await vi.waitFor(() => expect(readFileSync(path).subarray(1, 4).toString()).toBe("PNG"), PATIENCE);
  expect(timed).toHaveBeenCalledTimes(1);
});

test("is drawn again when a window changes, and not when the same revision comes once more", async () => {
  const plot = await start();
  await metrics.publish(WINDOWS, minuteOf(1));
  await vi.waitFor(() => expect(existsSync(path)).toBe(true), PATIENCE);
  await metrics.publish(WINDOWS, minuteOf(1));
  await metrics.publish(WINDOWS, minuteOf(2));
  await vi.waitFor(() => expect(timed).toHaveBeenCalledTimes(2), PATIENCE);
  await metrics.publish(WINDOWS, minuteOf(2));
  await plot.close();
  expect(timed).toHaveBeenCalledTimes(2);
});

test("windows of other lanes and partitions are not drawn", async () => {
  writeFileSync(path, "from before");
  const plot = await start();
  await metrics.publish(WINDOWS, minuteOf(1, { lane: "challenger", partition: "challenger" }));
  await metrics.publish(WINDOWS, minuteOf(1, { partition: "champion.2of4" }));
  await plot.close();
  expect(readFileSync(path, "utf8")).toBe("from before");
});

test("without windows, and without a picture from before, a picture says so", async () => {
  const plot = await start();
  await plot.close();
  expect(readFileSync(path).subarray(1, 4).toString()).toBe("PNG");
  expect(timed).toHaveBeenCalledTimes(1);
});

test("a picture from before stays until there are windows", async () => {
  writeFileSync(path, "from before");
  const plot = await start();
  await plot.close();
  expect(readFileSync(path, "utf8")).toBe("from before");
});

test("closing draws the windows that came last", async () => {
  const plot = await start();
  await metrics.publish(WINDOWS, minuteOf(3));
  await plot.close();
  expect(readFileSync(path).subarray(1, 4).toString()).toBe("PNG");
});
