import { describe, expect } from "vitest";
import { Inbox } from "@streamgauge/testing";
import { DEAD_HEADER } from "../dead-header.js";
import { readReasons } from "../refused-rows.js";
import { DEAD_QUEUE, MAX_REDELIVERIES } from "../topology.js";
import { type ContractTest } from "./contract-test.js";
import { RETRY, message } from "./messages.js";

/** The contract of a bus: dead letters. */
export function describeDeadLetters(test: ContractTest): void {
  describe("dead letters", () => {
    test("a refused message is kept whole, with why, where, when and by whom, and is gone from its queue", async ({
      open,
      dead,
      queue,
      to,
    }) => {
      const bus = await open("model");
      const body = Buffer.from([0, 1, 2, 255]);
      await bus.publish(to, {
        body,
        contentEncoding: "br",
        contentType: "application/json",
        type: "features",
        timestamp: 1_760_000_000_000,
        headers: { origin: 5 },
      });
      const inbox = new Inbox(() => ({ kind: "dead", refusals: [{ row: 3, id: "a7", field: "age", reason: "not a number" }] }));
      const subscription = await bus.consume(queue, inbox.handler, { prefetch: 1 });
      const original = await inbox.one();
      const letter = await dead(bus);
      expect([original.contentEncoding, letter.contentEncoding]).toEqual(["br", "br"]);
      expect(letter.body).toEqual(body);
      expect(letter.contentType).toBe("application/json");
      expect(letter.type).toBe("features");
      expect(letter.timestamp).toBe(1_760_000_000_000);
      expect(letter.headers).toMatchObject({
        origin: 5,
        [DEAD_HEADER.reason]: 'row 3 (id "a7"), field age: not a number',
        [DEAD_HEADER.stage]: "model",
        [DEAD_HEADER.exchange]: to.exchange,
        [DEAD_HEADER.routingKey]: "all",
        [DEAD_HEADER.queue]: queue,
        [DEAD_HEADER.messageId]: original.messageId,
        [DEAD_HEADER.appId]: "streamgauge-model",
      });
      const age = Date.now() - Date.parse(String(letter.headers[DEAD_HEADER.time]));
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(60_000);
      await subscription.close();
      expect(await bus.depth(queue)).toBe(0);
    });

    test("headers that would not fit beside the reasons are left out and named", async ({ open, dead, queue, to }) => {
      const bus = await open();
      await bus.publish(to, { ...message("a"), headers: { origin: 5, large: "x".repeat(60_000) } });
      const refusals = Array.from({ length: 1_000 }, (_, row) => ({ row, reason: "not a number" }));
      await bus.consume(queue, new Inbox(() => ({ kind: "dead", refusals })).handler, { prefetch: 1 });
      const letter = await dead(bus);
      expect(letter.headers).toMatchObject({ origin: 5, [DEAD_HEADER.omitted]: "large" });
      expect(letter.headers["large"]).toBeUndefined();
    });

    test("is followed by the reasons of its rows if they do not fit in a header", async ({ open, queue, to }) => {
      const bus = await open();
      await bus.publish(to, message("many"));
      const refusals = Array.from({ length: 1_000 }, (_, row) => ({ row, id: `r${row}`, field: "age", reason: `got ${row}` }));
      const original = new Inbox(() => ({ kind: "dead", refusals }));
      await bus.consume(queue, original.handler, { prefetch: 1 });
      const inbox = new Inbox();
      await bus.consume(DEAD_QUEUE, inbox.handler, { prefetch: 10 });
      const [letter, following] = await inbox.first(2);
      expect(letter?.body.toString()).toBe("many");
      expect(letter?.headers).toMatchObject({ [DEAD_HEADER.refusals]: "[]", [DEAD_HEADER.following]: "1" });
      expect(following).toMatchObject({
        type: "refused_rows",
        contentType: "application/json",
        headers: {
          [DEAD_HEADER.exchange]: to.exchange,
          [DEAD_HEADER.messageId]: (await original.one()).messageId,
          [DEAD_HEADER.time]: letter?.headers[DEAD_HEADER.time],
        },
      });
      expect(following === undefined ? undefined : readReasons(following)).toEqual(refusals);
    });

    test(`a message that came back ${MAX_REDELIVERIES} times is given up, unseen by its handler`, async ({ open, dead, queue, to }) => {
      const bus = await open();
      await bus.publish(to, message("poison"));
      // RabbitMQ puts back what a channel left after it has said that the channel is closed: a queue may still look empty.
      for (let redeliveries = 0; redeliveries < MAX_REDELIVERIES;) redeliveries += await bus.drain(queue, 1, async () => RETRY);
      const inbox = new Inbox();
      await bus.consume(queue, inbox.handler, { prefetch: 1 });
      const letter = await dead(bus);
      expect(letter.body.toString()).toBe("poison");
      expect(letter.headers[DEAD_HEADER.reason]).toMatch(/came back unanswered 50 times/);
      expect(inbox.texts).toEqual([]);
    });
  });
}
