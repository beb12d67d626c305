import {
  CHAMPION,
  MemoryBroker,
  MemoryBus,
  METRICS_EXCHANGE,
  readSegmentRowsRequest,
  topologyOf,
  WINDOW_REQUESTS_EXCHANGE,
  writeSegmentRows,
  type Bus,
} from "@streamgauge/core";
import { captureLog } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { SegmentRowsClient } from "./segment-rows-client.js";

const ASKED = {
  lane: CHAMPION,
  model: "m@1",
  layout: "",
  where: [{ column: 0, codes: [2] }],
  from: null,
  to: null,
  order: "worst" as const,
  limit: 1,
};

/** Answers as partitions of metrics. */
async function answering(bus: Bus, partitions: readonly string[], lane: string = CHAMPION): Promise<void> {
  await bus.subscribe(WINDOW_REQUESTS_EXCHANGE, "metrics", (delivery) => {
    const request = readSegmentRowsRequest(delivery)?.request ?? "";
    for (const partition of partitions)
      bus.broadcast(METRICS_EXCHANGE, writeSegmentRows({ request, lane, partition, count: 3, lookedAt: 9, isWhole: true, rows: [] }));
  });
}

async function clientWith(partitions: readonly string[], lane?: string) {
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const { log } = captureLog();
  await answering(new MemoryBus(broker, "metrics", log), partitions, lane);
  const client = new SegmentRowsClient(new MemoryBus(broker, "gateway", log), 50);
  await client.start();
  return client;
}

test("an answer comes when all partitions have answered", async () => {
  const client = await clientWith(["champion.2of2", "champion.1of2"]);
  const { found, unanswered } = await client.ask(ASKED);
  expect([[...found.keys()], unanswered]).toEqual([["champion.2of2", "champion.1of2"], []]);
  expect(found.get("champion.1of2")).toEqual({ rows: [], count: 3, lookedAt: 9, isWhole: true });
  await client.close();
});

test("a partition that does not answer in time is named", async () => {
  const client = await clientWith(["champion.3of3", "champion.1of3"]);
  expect((await client.ask(ASKED)).unanswered).toEqual(["champion.2of3"]);
  await client.close();
});

test("answers of other lanes are none", async () => {
  const client = await clientWith(["challenger"], "challenger");
  expect((await client.ask(ASKED)).found.size).toBe(0);
  await client.close();
});

test("nobody waits when the gateway ends", async () => {
  const client = await clientWith([]);
  const asked = client.ask(ASKED);
  await client.close();
  expect((await asked).found.size).toBe(0);
});
