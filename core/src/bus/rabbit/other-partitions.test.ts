import { captureLog, startPrivateBroker, type PrivateBroker } from "@streamgauge/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { OtherPartitionsError, type Bus } from "../bus.js";
import { PARTITIONS_QUEUE, topologyOf } from "../topology.js";
import { RabbitBus } from "./bus.js";

let broker: PrivateBroker;
const opened: Bus[] = [];

beforeAll(async () => {
  broker = await startPrivateBroker();
}, 60_000);

afterEach(async () => {
  for (const bus of opened.splice(0)) await bus.close();
});

afterAll(() => broker.stop());

async function open(partitions: number): Promise<Bus> {
  const bus = await RabbitBus.connect({
    url: broker.url,
    topology: topologyOf(["champion"], partitions),
    name: "model",
    log: captureLog().log,
  });
  opened.push(bus);
  return bus;
}

test("a service with another number of partitions than the first is refused, whichever is more", { timeout: 60_000 }, async () => {
  const first = await open(4);
  await expect(open(8)).rejects.toThrow(OtherPartitionsError);
  await expect(open(8)).rejects.toThrow(
    'RabbitMQ is laid out for 4 partitions of metrics, and PARTITIONS is 8: set PARTITIONS=4 for every service, or stop them all and run "streamgauge repartition --to 8".',
  );
  await expect(open(1)).rejects.toThrow("RabbitMQ is laid out for 4 partitions of metrics, and PARTITIONS is 1:");
  await open(4);
  await first.remove(PARTITIONS_QUEUE);
  await open(1);
});
