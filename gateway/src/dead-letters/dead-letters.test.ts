import { DEAD_QUEUE, DONE, MemoryBroker, MemoryBus, RESENT_EXCHANGE, resentNotice, type Refusal } from "@streamgauge/core";
import { captureLog, until } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { sendText, startRefusing } from "../testing/refusing-service.js";
import { TOPOLOGY } from "../testing/test-gateway.js";
import { DeadLetters } from "./dead-letters.js";

const STARTED = Date.UTC(2026, 10, 28, 9);

/** Dead letters on a broker in memory. @param refusals - why each message is refused. */
async function scene(refusals: (text: string) => readonly Refusal[]) {
  const broker = new MemoryBroker(TOPOLOGY);
  const bus = (name: string) => new MemoryBus(broker, name, captureLog().log);
  const link = bus("gateway");
  const clock = { now: STARTED };
  const letters = new DeadLetters(link, () => clock.now);
  const look = async () => {
    letters.observe(await link.depth(DEAD_QUEUE));
    return letters.event();
  };
  const refuse = async (texts: readonly string[]) => {
    const before = await link.depth(DEAD_QUEUE);
    for (const text of texts) await sendText(link, text);
    await until("all are dead letters", async () => (await link.depth(DEAD_QUEUE)) >= before + texts.length);
  };
  await startRefusing(bus("model"), refusals);
  return { letters, link, clock, look, refuse };
}

test("says what waits, what came before, and why the others were refused", async () => {
  const { letters, look, refuse } = await scene((text) => [
    { row: 0, id: text, field: "age", reason: `not a finite number, got "${text}"` },
  ]);
  await refuse(["a", "b"]);
  expect(await look()).toEqual({ waiting: 2, is_kept: false, since: STARTED, before: 2, gone: 0, groups: [], other: 0 });
  await letters.start();
  await refuse(["c", "d", "e"]);
  const event = await look();
  expect(event).toMatchObject({ waiting: 5, before: 2, gone: 0, other: 0 });
  expect(event.groups.map(({ stage, reason, count, find }) => [stage, reason, count, find])).toEqual([
    ["model", "not a finite number, got …", 3, "field age: not a finite number, got"],
  ]);
});

test("counts rows whose reasons follow their letter in messages of their own", async () => {
  const { letters, look, refuse } = await scene(() =>
    Array.from({ length: 30_000 }, (_, row) => ({ row, id: `r${row}`, field: "age", reason: `not a finite number, got "x${row}"` })),
  );
  await letters.start();
  await refuse(["a"]);
  await until("all reasons are counted", async () => (await look()).groups[0]?.count === 30_000);
  const { waiting, before, groups } = await look();
  expect([waiting, before, groups.length]).toEqual([4, 0, 1]);
});

test("leaves the queue alone, and says how many were taken out of it", async () => {
  const { letters, link, look, refuse } = await scene(() => [{ reason: "the body is empty" }]);
  await letters.start();
  await refuse(["a", "b", "c"]);
  await look();
  const redeliveries: number[] = [];
  await link.drain(DEAD_QUEUE, 2, async (delivery) => {
    redeliveries.push(delivery.redeliveries);
    return DONE;
  });
  expect(redeliveries).toEqual([0, 0]);
  expect(await look()).toMatchObject({ waiting: 1, before: 0, gone: 2, groups: [{ count: 3, of: "messages" }] });
});

test("an empty queue has no reasons; who looks at its messages hides them for a while only", async () => {
  const { letters, link, clock, look, refuse } = await scene(() => [{ reason: "the body is empty" }]);
  await letters.start();
  await refuse(["a"]);
  await look();
  await link.drain(DEAD_QUEUE, 1, async () => {
    expect(await look()).toMatchObject({ waiting: 0, groups: [] });
    clock.now += 59_000;
    expect(await look()).toMatchObject({ waiting: 0, groups: [] });
    return { kind: "retry", reason: "only looked at" };
  });
  expect(await look()).toMatchObject({ waiting: 1, gone: 0, groups: [{ count: 1 }] });
  await link.drain(DEAD_QUEUE, 1, async () => DONE);
  await look();
  clock.now += 60_000;
  await look();
  await refuse(["b"]);
  expect(await look()).toMatchObject({ waiting: 1, before: 0, gone: 0, since: STARTED + 119_000, groups: [{ count: 1 }] });
});

test("a kind whose letters were sent back is no longer shown, while others wait", async () => {
  const { letters, link, look, refuse } = await scene((text) => [
    { row: 0, id: "r", field: "age", reason: text.startsWith("age") ? `not a finite number, got "${text}"` : "missing: send it" },
  ]);
  const kinds = async () => (await look()).groups.map(({ reason, count }) => [reason, count] as const);
  const sendBack = (most: number) =>
    link.drain(DEAD_QUEUE, most, async (delivery) => {
      if (!delivery.body.toString().startsWith("age")) return { kind: "retry", reason: "not meant" };
      link.broadcast(RESENT_EXCHANGE, resentNotice(delivery));
      return DONE;
    });
  await refuse(["age0"]);
  const refused = Date.now();
  await until("others are refused at a later time", async () => Date.now() > refused);
  await letters.start();
  await refuse(["age1", "other", "age2", "age3"]);
  await until("all are counted", async () => (await look()).groups.length === 2);
  expect(new Map(await kinds())).toEqual(
    new Map([
      ["missing: send it", 1],
      ["not a finite number, got …", 3],
    ]),
  );
  // The first one was not counted here, and the last one stays.
  await sendBack(4);
  await until("two are taken back", async () => (await look()).groups.some(({ count, reason }) => count === 1 && reason.startsWith("not")));
  expect(await look()).toMatchObject({ waiting: 2, before: 0, gone: 0 });
  await sendBack(2);
  await until("the kind is gone", async () => (await look()).groups.length === 1);
  expect(await look()).toMatchObject({ waiting: 1, before: 0, gone: 0, groups: [{ reason: "missing: send it", count: 1 }] });
});

test("a broker that is away says nothing of how many wait", async () => {
  const { letters } = await scene(() => []);
  letters.observe(undefined);
  expect(letters.event()).toMatchObject({ waiting: null, before: 0, gone: 0 });
});
