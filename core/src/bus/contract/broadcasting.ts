import { describe, expect } from "vitest";
import { Inbox } from "@streamgauge/testing";
import { type ContractTest } from "./contract-test.js";
import { DEAD_EXCHANGE, DEAD_QUEUE } from "../topology.js";
import { message } from "./messages.js";

/** The contract of a bus: broadcasting. */
export function describeBroadcasting(test: ContractTest): void {
  describe("broadcasting", () => {
    test("every subscriber receives what is broadcast from now on", async ({ open, notices }) => {
      const [one, other] = [await open("one"), await open("other")];
      one.broadcast(notices, message("too early"));
      const [first, second] = [new Inbox(), new Inbox()];
      await one.subscribe(notices, "page", (delivery) => void first.handler(delivery));
      await other.subscribe(notices, "page", (delivery) => void second.handler(delivery));
      one.broadcast(notices, { ...message("a"), headers: { lane: "champion" } });
      one.broadcast(notices, message("b"));
      await Promise.all([first.first(2), second.first(2)]);
      expect(first.texts).toEqual(["a", "b"]);
      expect(second.texts).toEqual(["a", "b"]);
      expect((await first.one()).headers).toMatchObject({ lane: "champion" });
    });

    test("a subscriber of a fanout exchange receives what is published to it, beside the queue", async ({ open }) => {
      const bus = await open();
      const [subscriber, reader] = [new Inbox(), new Inbox()];
      await bus.subscribe(DEAD_EXCHANGE, "plot", (delivery) => void subscriber.handler(delivery));
      await bus.publish({ exchange: DEAD_EXCHANGE, routingKey: "" }, message("a"));
      await bus.consume(DEAD_QUEUE, reader.handler, { prefetch: 1 });
      await Promise.all([subscriber.one(), reader.one()]);
      expect([subscriber.texts, reader.texts]).toEqual([["a"], ["a"]]);
    });

    test("a subscriber that is closed receives no more, and the link stands", async ({ open, notices }) => {
      const bus = await open();
      const [closed, open_] = [new Inbox(), new Inbox()];
      const subscription = await bus.subscribe(notices, "plot", (delivery) => void closed.handler(delivery));
      await bus.subscribe(notices, "plot", (delivery) => void open_.handler(delivery));
      await subscription.close();
      bus.broadcast(notices, message("a"));
      await open_.one();
      expect(closed.texts).toEqual([]);
      expect(bus.connected).toBe(true);
    });

    test("a subscriber that fails receives the next notice", async ({ open, notices }) => {
      const bus = await open();
      const inbox = new Inbox();
      await bus.subscribe(notices, "plot", (delivery) => {
        void inbox.handler(delivery);
        throw new Error("no paper");
      });
      bus.broadcast(notices, message("a"));
      bus.broadcast(notices, message("b"));
      await inbox.first(2);
      expect(inbox.texts).toEqual(["a", "b"]);
      expect(bus.connected).toBe(true);
    });
  });
}
