import { setTimeout as delay } from "node:timers/promises";
import { test } from "vitest";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openBroker } from "./harness/own-broker.js";
import { openPipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

const CASES = [
  { frozen: "features", heartbeat: 2 },
  { frozen: "model", heartbeat: 2 },
  { frozen: "metrics", heartbeat: 2 },
  { frozen: "broker", heartbeat: 2 },
  { frozen: "metrics", heartbeat: 10 },
  { frozen: "broker", heartbeat: 10 },
] as const;

test.for(CASES)("$frozen frozen for three heartbeats of $heartbeat s", async ({ frozen, heartbeat }, context) => {
  const url = (straight: string) => `${straight}?heartbeat=${heartbeat}`;
  const broker = await openBroker(context);
  const pipeline = await openPipeline(context, broker, { source: FIRST_OF_MIXED, url });
  addMixedSources(pipeline);
  await pipeline.start();
  if (frozen === "broker") await broker.pause();
  else pipeline[frozen].signal("SIGSTOP");
  // Three heartbeats must pass without one: there is nothing to wait for but time.
  await delay(heartbeat * 3_500);
  if (frozen === "broker") await broker.resume();
  else pipeline[frozen].signal("SIGCONT");
  await pipeline.isBackToWork();
  await settles(pipeline);
});
