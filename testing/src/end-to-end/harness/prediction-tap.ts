import { CHAMPION, connectBus, DONE, predictionContract, predictionsOf, topologyOf, type PredictionFrame } from "@streamgauge/core";
import { captureLog } from "../../index.js";
import { onTestFinished } from "vitest";

/** A copy of all predictions that a lane's models send from now on, and when each came. */
export interface PredictionTap {
  readonly frames: readonly PredictionFrame[];
  /** The longest pause between two of them so far, in ms. */
  readonly longestPauseMs: number;
}

/** Listens through a queue of its own, until the end of the test. */
export async function tapPredictions(url: string, lane = CHAMPION): Promise<PredictionTap> {
  const topology = topologyOf([lane]);
  const name = `tap.${lane}`;
  const queues = [...topology.queues, { name, from: predictionsOf(lane), limit: { messages: 1_000_000, bytes: 1 << 30 } }];
  const bus = await connectBus({ url, topology: { ...topology, queues }, name: "tap", log: captureLog().log });
  onTestFinished(() => bus.close());
  const frames: PredictionFrame[] = [];
  let last: number | undefined;
  let longest = 0;
  const handler = async (delivery: Parameters<typeof predictionContract.read>[0]) => {
    const now = performance.now();
    longest = Math.max(longest, now - (last ?? now));
    last = now;
    frames.push(predictionContract.read(delivery).frame);
    return DONE;
  };
  await bus.consume(name, handler, { prefetch: 1_000 });
  return {
    frames,
    get longestPauseMs() {
      return longest;
    },
  };
}
