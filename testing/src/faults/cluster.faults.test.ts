import { setTimeout as delay } from "node:timers/promises";
import { expect, test, type TestContext } from "vitest";
import { startCluster, type Cluster } from "../index.js";
import { until } from "../until.js";
import { Dice } from "./harness/dice.js";
import { LogPauses } from "./harness/log-pauses.js";
import { addMixedSources, FIRST_OF_MIXED } from "./harness/mixed-sources.js";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";

const ROUNDS = 12;
const MOST_PAUSE_MS = 30_000;

/** What happens to one node while the others go on, for how long, and how it ends. */
interface Fault {
  readonly name: string;
  /** At most. */
  readonly holdMs: number;
  readonly begin: (cluster: Cluster, node: number) => Promise<unknown> | void;
  readonly end: (cluster: Cluster, node: number) => Promise<unknown> | void;
}

const FAULTS: readonly Fault[] = [
  { name: "is killed", holdMs: 5_000, begin: ({ nodes }, node) => nodes[node]?.kill(), end: ({ nodes }, node) => nodes[node]?.start() },
  { name: "is frozen", holdMs: 40_000, begin: ({ nodes }, node) => nodes[node]?.pause(), end: ({ nodes }, node) => nodes[node]?.resume() },
  {
    name: "is cut off in silence",
    holdMs: 40_000,
    begin: (cluster, node) => cluster.isolate(node, "silent"),
    end: (cluster, node) => cluster.unite(node),
  },
  {
    name: "is cut off by resets",
    holdMs: 20_000,
    begin: (cluster, node) => cluster.isolate(node, "reset"),
    end: (cluster, node) => cluster.unite(node),
  },
  {
    name: "is restarted",
    holdMs: 2_000,
    begin: ({ nodes }, node) => nodes[node]?.ctl("stop_app"),
    end: ({ nodes }, node) => nodes[node]?.ctl("start_app"),
  },
];

async function openCluster(context: TestContext): Promise<Cluster> {
  const cluster = await startCluster();
  context.onTestFinished(() => cluster.stop());
  return cluster;
}

/** Services over all nodes, whose queues are old enough to be found again by a node that was killed. */
async function openOver(cluster: Cluster, context: TestContext, source = FIRST_OF_MIXED): Promise<Pipeline> {
  const [first] = cluster.nodes;
  if (first === undefined) throw new Error("A cluster has a node.");
  const url = (straight: string) => cluster.urlOf(decodeURIComponent(new URL(straight).pathname.slice(1)));
  return openPipeline(context, first, { source, url });
}

test(`${ROUNDS} times any node is killed, frozen, cut off or restarted`, { timeout: 1_800_000 }, async (context) => {
  const cluster = await openCluster(context);
  const pipeline = await openOver(cluster, context);
  addMixedSources(pipeline);
  await pipeline.start();
  await Promise.all(cluster.nodes.map((node) => node.saveQueueNames()));
  const dice = new Dice();
  const pauses = new LogPauses(context, pipeline);
  for (let round = 0; round < ROUNDS; round += 1) {
    const fault = dice.pick(FAULTS);
    const node = dice.whole(0, cluster.nodes.length - 1);
    pipeline.transcript.note("case", `node ${node + 1} ${fault.name}`);
    await fault.begin(cluster, node);
    if (fault.name === "is killed") pipeline.figures.kills += 1;
    await delay(dice.whole(0, fault.holdMs));
    await fault.end(cluster, node);
    pipeline.transcript.note("case", `node ${node + 1} may go on`);
    await pipeline.isBackToWork();
    await cluster.complete();
  }
  await settlesWithoutLongPause(pipeline, pauses);
});

async function settlesWithoutLongPause(pipeline: Pipeline, pauses: LogPauses): Promise<void> {
  const pause = pauses.stop();
  await settles(pipeline);
  pipeline.figures.slowestReturnMs = pause;
  expect(pause).toBeLessThan(MOST_PAUSE_MS);
}

/** Longer than any pause may be. */
const AWAY_MS = 45_000;

test("each node dies and stays away: its readers go on elsewhere", { timeout: 900_000 }, async (context) => {
  const cluster = await openCluster(context);
  const pipeline = await openOver(cluster, context);
  await pipeline.start();
  await Promise.all(cluster.nodes.map((node) => node.saveQueueNames()));
  const pauses = new LogPauses(context, pipeline);
  for (const [i, node] of cluster.nodes.entries()) {
    pipeline.transcript.note("case", `node ${i + 1} is killed`);
    await node.kill();
    pipeline.figures.kills += 1;
    await delay(AWAY_MS);
    pipeline.transcript.note("case", `node ${i + 1} comes back`);
    await node.start();
    await cluster.complete();
    await pipeline.isBackToWork();
  }
  await settlesWithoutLongPause(pipeline, pauses);
});

test("two of three nodes frozen: senders wait and say so, and nothing is lost", async (context) => {
  const cluster = await openCluster(context);
  const pipeline = await openOver(cluster, context, { ...FIRST_OF_MIXED, FRAME_ROWS: "16" });
  await pipeline.start();
  const [, second, third] = cluster.nodes;
  await pipeline.makesSay(/more than half of its nodes/, () => Promise.all([second?.pause(), third?.pause()]));
  await until(
    "the log stands still",
    () => pipeline.logBytes,
    (bytes) => bytes === pipeline.logBytes,
  );
  const ready = () => Promise.all(pipeline.services.map((service) => service.isReady()));
  expect(await ready()).toEqual([false, false, false]);
  await Promise.all([second?.resume(), third?.resume()]);
  await cluster.complete();
  await pipeline.isBackToWork();
  await settles(pipeline);
});
