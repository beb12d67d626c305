import { describe, expect } from "vitest";
import { Inbox } from "@streamgauge/testing";
import { type ContractTest } from "./contract-test.js";
import { message } from "./messages.js";

/** The contract of a bus: notices. */
export function describeNotices(test: ContractTest): void {
  describe("notices", () => {
    test("every listener hears what is announced from now on", async ({ open, notices }) => {
      const [one, other] = [await open("one"), await open("other")];
      one.announce(notices, message("too early"));
      const [first, second] = [new Inbox(), new Inbox()];
      await one.listen(notices, "page", (delivery) => void first.handler(delivery));
      await other.listen(notices, "page", (delivery) => void second.handler(delivery));
      one.announce(notices, { ...message("a"), headers: { lane: "champion" } });
      one.announce(notices, message("b"));
      await Promise.all([first.first(2), second.first(2)]);
      expect(first.texts).toEqual(["a", "b"]);
      expect(second.texts).toEqual(["a", "b"]);
      expect((await first.one()).headers).toMatchObject({ lane: "champion" });
    });

    test("a listener that is closed hears no more, and the link stands", async ({ open, notices }) => {
      const bus = await open();
      const [closed, open_] = [new Inbox(), new Inbox()];
      const subscription = await bus.listen(notices, "plot", (delivery) => void closed.handler(delivery));
      await bus.listen(notices, "plot", (delivery) => void open_.handler(delivery));
      await subscription.close();
      bus.announce(notices, message("a"));
      await open_.one();
      expect(closed.texts).toEqual([]);
      expect(bus.connected).toBe(true);
    });

    test("a listener that fails hears the next notice", async ({ open, notices }) => {
      const bus = await open();
      const inbox = new Inbox();
      await bus.listen(notices, "plot", (delivery) => {
        void inbox.handler(delivery);
        throw new Error("no paper");
      });
      bus.announce(notices, message("a"));
      bus.announce(notices, message("b"));
      await inbox.first(2);
      expect(inbox.texts).toEqual(["a", "b"]);
      expect(bus.connected).toBe(true);
    });
  });
}
