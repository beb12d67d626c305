import { connect } from "amqplib";
import { expect, test } from "vitest";
import { startCluster } from "./cluster.js";

/** Waits until a node sees so many others. */
const seesOthers = (count: number) =>
  `Wait = fun(W) -> case length(nodes()) of ${count} -> ok; _ -> timer:sleep(100), W(W) end end, Wait(Wait).`;

test("nodes of a cluster share their queues, lose each other and find each other again", { timeout: 240_000 }, async () => {
  const cluster = await startCluster();
  try {
    const [first, second, third] = cluster.nodes;
    const operator = await connect(first?.url ?? "");
    const channel = await operator.createChannel();
    await channel.assertQueue("kept", { durable: true, arguments: { "x-queue-type": "quorum" } });
    expect((await first?.ctl("list_queues", "members"))?.match(/streamgauge-\d+@localhost/g)).toHaveLength(3);
    expect(await third?.ctl("eval", "net_kernel:get_net_ticktime().")).toBe("10");
    operator.on("error", () => undefined);
    cluster.isolate(0, "silent");
    // Both sides: a node that comes back before it has noticed its absence stays apart for good, since it has not paused.
    await Promise.all([first?.ctl("eval", seesOthers(0)), second?.ctl("eval", seesOthers(1))]);
    cluster.unite(0);
    await cluster.complete();
    expect(cluster.urlOf("a/b")).toBe(
      `amqp://streamgauge:streamgauge@${cluster.nodes.map(({ address }) => `127.0.0.1:${address.ports.amqp}`).join(",")}/a%2Fb`,
    );
  } finally {
    await cluster.stop();
  }
});
