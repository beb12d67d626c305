import { setTimeout as delay } from "node:timers/promises";
import { openTcpProxy, startPrivateBroker, type PrivateBroker, type TcpProxy } from "../index.js";
import { afterAll, beforeAll, beforeEach, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { LINK_FAULTS, SHORT_HEARTBEAT } from "./harness/link-faults.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openPipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

let broker: PrivateBroker;
let proxy: TcpProxy;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());
beforeEach(async () => {
  proxy = await openTcpProxy({ host: "127.0.0.1", port: broker.address.ports.amqp });
  return () => proxy.close();
});

test.for(LINK_FAULTS)("the link $name", async ({ rounds, fault }, context) => {
  const url = (straight: string) => `${proxy.through(straight)}${SHORT_HEARTBEAT}`;
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED, url });
  addMixedSources(pipeline);
  await pipeline.start();
  const dice = new Dice();
  for (let round = 0; round < rounds; round += 1) {
    await delay(dice.whole(0, 1_000));
    await fault(proxy, pipeline, dice);
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});
