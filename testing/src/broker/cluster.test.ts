import { connect } from "amqplib";
import { expect, test } from "vitest";
import { startCluster } from "./cluster.js";

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
    await second?.ctl("eval", "Wait = fun(W) -> case length(nodes()) of 1 -> 1; _ -> timer:sleep(100), W(W) end end, Wait(Wait).");
    cluster.unite(0);
    await cluster.complete();
    expect(cluster.urlOf("a/b")).toBe(
      `amqp://streamgauge:streamgauge@${cluster.nodes.map(({ address }) => `127.0.0.1:${address.ports.amqp}`).join(",")}/a%2Fb`,
    );
  } finally {
    await cluster.stop();
  }
});
