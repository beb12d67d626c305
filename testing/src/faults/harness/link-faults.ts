import { setTimeout as delay } from "node:timers/promises";
import type { TcpProxy } from "../../index.js";
import type { Dice } from "./dice.js";
import type { Pipeline } from "./pipeline.js";

/** What a link can do to the services behind it. */
export interface LinkFault {
  /** Completes "the link …". */
  readonly name: string;
  /** In one case. */
  readonly rounds: number;
  /** Does it and ends it; what comes next must be work. */
  readonly fault: (proxy: TcpProxy, pipeline: Pipeline, dice: Dice) => Promise<void>;
}

/** Heartbeats of 2 s, at the end of a URL, so that a silent link is found within seconds. */
export const SHORT_HEARTBEAT = "?heartbeat=2";

export const LINK_FAULTS: readonly LinkFault[] = [
  { name: "is reset", rounds: 8, fault: (proxy) => Promise.resolve(proxy.reset()) },
  {
    name: "is reset and refuses for a while",
    rounds: 2,
    fault: async (proxy, pipeline) => {
      proxy.refuse();
      await pipeline.makesSay(/Trying again until it answers/, () => proxy.reset());
      proxy.accept();
    },
  },
  {
    name: "is half open until its heartbeats are missed",
    rounds: 3,
    fault: async (proxy, pipeline) => {
      await pipeline.makesSay(/The link to RabbitMQ is lost/, () => proxy.pause());
      proxy.resume();
    },
  },
  {
    name: "is cut in the middle of a frame",
    rounds: 10,
    fault: async (proxy, _, dice) => {
      proxy.cutAfter(dice.whole(1, 20_000));
      await proxy.cut;
      proxy.uncut();
    },
  },
  {
    name: "is slow",
    rounds: 2,
    fault: async (proxy, _, dice) => {
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
