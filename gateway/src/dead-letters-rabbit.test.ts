import { connectBus, DEAD_QUEUE, DONE, RESENT_EXCHANGE, resentNotice, type Bus } from "@streamgauge/core";
import type { DeadLettersEvent } from "@streamgauge/core/windows";
import { captureLog, freshVhost, until } from "@streamgauge/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { eventsOf } from "./testing/events.js";
import { sendText, startRefusing } from "./testing/refusing-service.js";
import { testGateway, TOPOLOGY } from "./testing/test-gateway.js";

// A broker is slow on a busy machine; the tests themselves do not wait.
vi.setConfig({ testTimeout: 120_000 });

async function linked(url: string, name: string): Promise<Bus> {
  const bus = await connectBus({ url, topology: TOPOLOGY, name, log: captureLog().log });
  onTestFinished(() => bus.close());
  return bus;
}

test("over RabbitMQ dead letters are counted by reason from copies, while another consumer reads the queue", async () => {
  const vhost = await freshVhost("dead-letters");
  const model = await linked(vhost, "model");
  await startRefusing(model, (text) => [{ row: 0, id: text, field: "bmi", reason: `not a finite number, got "${text}"` }]);
  const source = await linked(vhost, "source");
  await sendText(source, "before");
  await until("one waits from before", async () => (await source.depth(DEAD_QUEUE)) === 1);
  const { url } = await testGateway(
    {},
    { bus: await connectBus({ url: vhost, topology: TOPOLOGY, name: "gateway", log: captureLog().log }) },
  );
  const letters = eventsOf<DeadLettersEvent>(url, "dead_letters");
  await letters.until(({ waiting, before }) => waiting === 1 && before === 1);
  // Someone looks at the queue meanwhile, and holds all that it had.
  await source.drain(DEAD_QUEUE, 1, async () => {
    await Promise.all(Array.from({ length: 5_000 }, (_, i) => sendText(source, `x${i}`)));
    await letters.until(({ groups }) => groups[0]?.count === 5_000);
    return { kind: "retry", reason: "only looked at" };
  });
  const all = await letters.until(({ waiting }) => waiting === 5_001);
  expect(all).toMatchObject({ is_kept: true, before: 1, gone: 0, other: 0 });
  expect(all.groups.map(({ stage, field, reason, of, count, find }) => [stage, field, reason, of, count, find])).toEqual([
    ["model", "bmi", "not a finite number, got …", "rows", 5_000, "field bmi: not a finite number, got"],
  ]);
  let redelivered = 0;
  await source.drain(DEAD_QUEUE, 10_000, async ({ redeliveries }) => {
    redelivered += redeliveries > 0 ? 1 : 0;
    return DONE;
  });
  // The one that was held above; no other was ever handed out.
  expect(redelivered).toBe(1);
  await letters.until(({ waiting, groups }) => waiting === 0 && groups.length === 0);
});

test("over RabbitMQ a kind whose letters were sent back is no longer shown, while others wait", async () => {
  const vhost = await freshVhost("dead-letters-resent");
  await startRefusing(await linked(vhost, "model"), (text) => [{ reason: text }]);
  const source = await linked(vhost, "source");
  const { url } = await testGateway(
    {},
    { bus: await connectBus({ url: vhost, topology: TOPOLOGY, name: "gateway", log: captureLog().log }) },
  );
  const letters = eventsOf<DeadLettersEvent>(url, "dead_letters");
  await letters.until(({ waiting }) => waiting === 0);
  for (const text of ["mended", "still wrong", "mended"]) await sendText(source, text);
  await letters.until(({ waiting, groups }) => waiting === 3 && groups.length === 2);
  // As `streamgauge replay` does: it ends when it has sent the last one.
  const replay = await linked(vhost, "replay");
  await replay.drain(DEAD_QUEUE, 3, async (delivery) => {
    if (delivery.body.toString() !== "mended") return { kind: "retry", reason: "not meant" };
    replay.broadcast(RESENT_EXCHANGE, resentNotice(delivery));
    return DONE;
  });
  await replay.close();
  const left = await letters.until(({ waiting, groups }) => waiting === 1 && groups.length === 1);
  expect([left.groups[0]?.reason, left.gone, left.before]).toEqual(["still wrong", 0, 0]);
});
