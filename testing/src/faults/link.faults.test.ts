import { setTimeout as delay } from "node:timers/promises";
import { openTcpProxy, startPrivateBroker, type PrivateBroker, type TcpProxy } from "../index.js";
import { afterAll, beforeAll, beforeEach, test } from "vitest";
import { Dice } from "./harness/dice.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

/** Heartbeats of 2 s, so that a silent link is found within seconds. */
const HEARTBEAT = "?heartbeat=2";

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

interface Fault {
  readonly name: string;
  readonly rounds: number;
  /** Does it and ends it; what comes next must be work. */
  readonly fault: (pipeline: Pipeline, dice: Dice) => Promise<void>;
}

const FAULTS: readonly Fault[] = [
  { name: "is reset", rounds: 8, fault: () => Promise.resolve(proxy.reset()) },
  {
    name: "is reset and refuses for a while",
    rounds: 2,
    fault: async (pipeline) => {
      proxy.refuse();
      await pipeline.makesSay(/Trying again until it answers/, () => proxy.reset());
      proxy.accept();
    },
  },
  {
    name: "is half open until its heartbeats are missed",
    rounds: 3,
    fault: async (pipeline) => {
      await pipeline.makesSay(/The link to RabbitMQ is lost/, () => proxy.pause());
      proxy.resume();
    },
  },
  {
    name: "is cut in the middle of a frame",
    rounds: 10,
    fault: async (_, dice) => {
      proxy.cutAfter(dice.whole(1, 20_000));
      await proxy.cut;
      proxy.uncut();
    },
  },
  {
    name: "is slow",
    rounds: 2,
    fault: async (_, dice) => {
      for (let stall = 0; stall < 20; stall += 1) {
        proxy.pause();
        await delay(dice.whole(50, 400));
        proxy.resume();
        // Between two stalls something passes.
        await delay(20);
      }
    },
  },
];

test.for(FAULTS)("the link $name", async ({ rounds, fault }, context) => {
  const url = (straight: string) => `${proxy.through(straight)}${HEARTBEAT}`;
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED, url });
  addMixedSources(pipeline);
  await pipeline.start();
  const dice = new Dice();
  for (let round = 0; round < rounds; round += 1) {
    await delay(dice.whole(0, 1_000));
    await fault(pipeline, dice);
    await pipeline.isBackToWork();
  }
  await settles(pipeline);
});
