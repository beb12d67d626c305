import {
  CHAMPION,
  createLogger,
  DEAD_EXCHANGE,
  DEAD_HEADER,
  DEAD_QUEUE,
  DONE,
  FEATURES,
  LABELS,
  MemoryBroker,
  MemoryBus,
  queuesOf,
  readReasons,
  RESENT_EXCHANGE,
  topologyOf,
  type Message,
  type Refusal,
} from "@streamgauge/core";
import { beforeEach, expect, test, vi } from "vitest";
import { listDeadLetters, resendDeadLetters } from "./dead-letters.js";

const queues = queuesOf(CHAMPION);
const log = createLogger("test", "silent");
let bus: MemoryBus;

function message(body: string, type: string): Message {
  return { body: Buffer.from(body), contentType: "application/json", type, headers: { origin: 17 } };
}

/** Two rows and a label become dead letters: their readers refuse everything. */
beforeEach(async () => {
  bus = new MemoryBus(new MemoryBroker(topologyOf([CHAMPION])), "model", log);
  const refuse = (reason: string) => () =>
    Promise.resolve({ kind: "dead" as const, refusals: [{ row: 0, id: "a", field: "bmi", reason }] });
  const readers = [
    await bus.consume(queues.features, refuse("Not a number"), { prefetch: 10 }),
    await bus.consume(queues.labels, refuse("too early"), { prefetch: 10 }),
  ];
  await bus.publish(FEATURES, message("row 1", "features"));
  await bus.publish(FEATURES, message("row 2", "features"));
  await bus.publish(LABELS, message("label", "y_true"));
  await vi.waitFor(async () => expect(await bus.depth(DEAD_QUEUE)).toBe(3));
  for (const reader of readers) await reader.close();
});

test("letters are listed with reason, stage and where they came from, and stay", async () => {
  const letters = await listDeadLetters(bus, {}, 100);
  expect(letters.map(({ type, stage, reason, target, bytes }) => ({ type, stage, reason, target, bytes }))).toEqual(
    expect.arrayContaining([
      { type: "features", stage: "model", reason: 'row 0 (id "a"), field bmi: Not a number', target: FEATURES, bytes: 5 },
      { type: "y_true", stage: "model", reason: 'row 0 (id "a"), field bmi: too early', target: LABELS, bytes: 5 },
    ]),
  );
  expect(letters).toHaveLength(3);
  expect(await bus.depth(DEAD_QUEUE)).toBe(3);
});

test("filters choose by type, stage and a part of the reason", async () => {
  expect(await listDeadLetters(bus, { type: "y_true" }, 100)).toHaveLength(1);
  expect(await listDeadLetters(bus, { reason: "not a NUMBER" }, 100)).toHaveLength(2);
  expect(await listDeadLetters(bus, { stage: "metrics" }, 100)).toHaveLength(0);
  expect(await listDeadLetters(bus, {}, 2)).toHaveLength(2);
});

test("letters that are sent again come as they were sent first, and leave the dead letters", async () => {
  expect(await resendDeadLetters(bus, { type: "features" }, 100)).toEqual({ sent: 2, stuck: [] });
  expect(await bus.depth(DEAD_QUEUE)).toBe(1);
  const bodies: string[] = [];
  const headers: unknown[] = [];
  const reader = await bus.consume(
    queues.features,
    (delivery) => {
      bodies.push(delivery.body.toString());
      headers.push(delivery.headers);
      return Promise.resolve(DONE);
    },
    { prefetch: 10 },
  );
  await vi.waitFor(() => expect(bodies).toHaveLength(2));
  expect(bodies.toSorted()).toEqual(["row 1", "row 2"]);
  expect(headers).toEqual([{ origin: 17 }, { origin: 17 }]);
  await reader.close();
});

test("a letter that is refused once more is sent once, and is a dead letter again", async () => {
  const publish = bus.publish.bind(bus);
  // Each letter comes back before the next one is read.
  vi.spyOn(bus, "publish").mockImplementation((to, { headers, ...rest }) => {
    const origin = { [DEAD_HEADER.exchange]: to.exchange, [DEAD_HEADER.routingKey]: to.routingKey };
    return publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, { ...rest, headers: { ...headers, ...origin } });
  });
  expect(await resendDeadLetters(bus, {}, 100)).toEqual({ sent: 3, stuck: [] });
  expect(await bus.depth(DEAD_QUEUE)).toBe(3);
});

test("a letter without a type has that of the messages that are sent there", async () => {
  const reader = await bus.consume(queues.labels, () => Promise.resolve({ kind: "dead" as const, refusals: [{ reason: "no" }] }), {
    prefetch: 10,
  });
  await bus.publish(LABELS, message("untyped", ""));
  await vi.waitFor(async () => expect(await listDeadLetters(bus, { type: "y_true", reason: "no" }, 100)).toHaveLength(1));
  await reader.close();
});

test("a letter that does not name its origin stays, and is named", async () => {
  await bus.publish({ exchange: "dead", routingKey: "" }, message("stray", "features"));
  const { sent, stuck } = await resendDeadLetters(bus, {}, 100);
  expect(sent).toBe(3);
  expect(stuck.map(({ letter, why }) => [letter.delivery.body.toString(), why])).toEqual([["stray", "nothing says where it came from"]]);
  expect(await bus.depth(DEAD_QUEUE)).toBe(1);
});

test("a letter of many bad rows is listed with the reason of each, and takes them along when it is sent", async () => {
  const refusals = Array.from({ length: 500 }, (_, row) => ({ row, id: `r${row}`, field: "bmi", reason: `got x${row}` }));
  const reader = await bus.consume(queues.features, () => Promise.resolve({ kind: "dead" as const, refusals }), { prefetch: 10 });
  await bus.publish(FEATURES, message("many", "features"));
  await vi.waitFor(async () => expect(await bus.depth(DEAD_QUEUE)).toBe(5));
  await reader.close();
  const letters = await listDeadLetters(bus, { reason: "got x0" }, 100);
  expect(letters.map((letter) => [letter.delivery.body.toString(), letter.refusals])).toEqual([["many", refusals]]);
  expect(await resendDeadLetters(bus, { type: "y_true" }, 100)).toMatchObject({ sent: 1 });
  expect(await bus.depth(DEAD_QUEUE)).toBe(4);
  const resent: Refusal[] = [];
  const heard = await bus.subscribe(RESENT_EXCHANGE, "page", (notice) => void resent.push(...(readReasons(notice) ?? [])));
  expect(await resendDeadLetters(bus, { reason: "got x0" }, 100)).toEqual({ sent: 1, stuck: [] });
  expect(await bus.depth(DEAD_QUEUE)).toBe(2);
  await vi.waitFor(() => expect(resent).toEqual(refusals));
  await heard.close();
});

test("a letter above what a service sends stays, and is named; those behind it are sent", async () => {
  const body = Buffer.alloc(16_000_000, "x");
  const headers = { [DEAD_HEADER.exchange]: FEATURES.exchange, [DEAD_HEADER.routingKey]: FEATURES.routingKey };
  await bus.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, { ...message("", "features"), body, headers });
  await bus.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, { ...message("behind", "features"), headers });
  const { sent, stuck } = await resendDeadLetters(bus, { stage: "broker" }, 100);
  expect(sent).toBe(1);
  expect(stuck.map(({ letter, why }) => [letter.bytes, why])).toEqual([
    [16_000_000, "A message of 16000000 bytes is above the limit of 15728640: send fewer rows a frame (FRAME_ROWS) or a request."],
  ]);
});

test("a letter of a partition is sent to where all ids are taken: the number of partitions may be another one since", async () => {
  const headers = { [DEAD_HEADER.reason]: "of another partition", [DEAD_HEADER.exchange]: "rows", [DEAD_HEADER.routingKey]: "y_true.2of4" };
  await bus.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, { ...message("label of 2of4", "y_true"), headers });
  expect((await listDeadLetters(bus, { reason: "another partition" }, 100)).map(({ target }) => target)).toEqual([LABELS]);
  expect(await resendDeadLetters(bus, { reason: "another partition" }, 100)).toEqual({ sent: 1, stuck: [] });
  expect(await bus.depth(queues.labels)).toBe(1);
});
