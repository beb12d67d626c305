import { startCluster } from "/work/clone/testing/dist/index.js";
const t0 = performance.now();
const say = (w) => console.log(((performance.now() - t0) / 1000).toFixed(1), w);
const c = await startCluster();
say("started " + c.nodes[0].version);
const [a, b, d] = c.nodes;
say(
  await a.ctl("cluster_status", "--formatter", "json").then((s) => {
    const j = JSON.parse(s);
    return JSON.stringify([j.running_nodes, j.partitions]);
  }),
);
say(await a.ctl("eval", "net_kernel:get_net_ticktime()."));
const { connect } = await import("/work/clone/node_modules/amqplib/channel_api.js").then((m) => m.default);
const conn = await connect(a.url);
conn.on("error", (e) => say("conn err " + e.message));
const ch = await conn.createConfirmChannel();
ch.on("error", () => {});
await ch.assertQueue("kept", { durable: true, arguments: { "x-queue-type": "quorum" } });
await ch.assertExchange("ex", "direct");
await ch.bindQueue("kept", "ex", "k");
say(await a.ctl("list_queues", "name", "members", "leader"));
const tryIt = async (name, f) => {
  const s = performance.now();
  try {
    await Promise.race([f(), new Promise((_, r) => setTimeout(() => r(new Error("no answer in 45 s")), 45000))]);
    say(`${name} ok after ${(performance.now() - s).toFixed(0)}`);
  } catch (e) {
    say(`${name} failed after ${(performance.now() - s).toFixed(0)}: ${e.message}`);
  }
};
const connB = await connect(b.url);
connB.on("error", (e) => say("connB err " + e.message));
const chB = await connB.createConfirmChannel();
chB.on("error", () => {});
const how = process.argv[2] ?? "silent";
if (how === "freeze") {
  await b.pause();
  await d.pause();
} else c.isolate(0, how);
say("minority: node a");
const t = [];
for (const [n, x] of [
  ["a", conn],
  ["b", connB],
]) {
  if (how === "freeze" && n === "b") continue;
  t.push(
    tryIt(n + " confirm", async () => {
      const k = await x.createConfirmChannel();
      k.on("error", () => {});
      await new Promise((r, j) => k.sendToQueue("kept", Buffer.from("x"), { persistent: true }, (e) => (e ? j(e) : r())));
    }),
  );
  t.push(
    tryIt(n + " rebind", async () => {
      const k = await x.createChannel();
      k.on("error", () => {});
      await k.bindQueue("kept", "ex", "k");
    }),
  );
  t.push(
    tryIt(n + " redeclare", async () => {
      const k = await x.createChannel();
      k.on("error", () => {});
      await k.assertQueue("kept", { durable: true, arguments: { "x-queue-type": "quorum" } });
    }),
  );
  t.push(
    tryIt(n + " passive", async () => {
      const k = await x.createChannel();
      k.on("error", () => {});
      await k.checkQueue("kept");
    }),
  );
  t.push(
    tryIt(n + " exclusive", async () => {
      const k = await x.createChannel();
      k.on("error", () => {});
      await k.assertQueue("lock" + n, { exclusive: true, durable: false });
    }),
  );
  t.push(
    tryIt(n + " consume", async () => {
      const k = await x.createChannel();
      k.on("error", () => {});
      await k.prefetch(1);
      await k.consume("kept", () => {});
    }),
  );
}
await Promise.all(t);
if (how === "freeze") {
  await b.resume();
  await d.resume();
} else c.unite(0);
say("united");
await c.complete().catch((e) => say(e.message));
say("complete");
await c.stop();
say("stopped");
process.exit(0);
