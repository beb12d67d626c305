import { describe, expect, vi } from "vitest";
import { Inbox } from "@streamgauge/testing";
import { DONE } from "../bus.js";
import { type ContractTest } from "./contract-test.js";
import { RETRY, message } from "./messages.js";

/** The contract of a bus: draining. */
export function describeDraining(test: ContractTest): void {
  describe("draining", () => {
    test("takes each message once; what is done is gone and the rest is back", async ({ open, queue, to }) => {
      const bus = await open();
      for (const text of ["a", "b", "c", "d", "e"]) await bus.publish(to, message(text));
      const seen: string[] = [];
      const taken = await bus.drain(queue, 100, async ({ body }) => {
        seen.push(body.toString());
        return /[bd]/.test(body.toString()) ? DONE : RETRY;
      });
      expect(taken).toBe(5);
      expect(seen).toEqual(["a", "b", "c", "d", "e"]);
      const inbox = new Inbox();
      await bus.consume(queue, inbox.handler, { prefetch: 1 });
      await inbox.first(3);
      expect(inbox.texts).toEqual(["a", "c", "e"]);
    });

    test("takes at most the given number of messages, and nothing from an empty queue", async ({ open, queue, to }) => {
      const bus = await open();
      for (const text of ["a", "b", "c"]) await bus.publish(to, message(text));
      expect(await bus.drain(queue, 2, async () => DONE)).toBe(2);
      expect(await bus.drain(queue, 2, async () => DONE)).toBe(1);
      expect(await bus.drain(queue, 2, async () => DONE)).toBe(0);
    });

    test("a queue exists until it is removed", async ({ open, queue }) => {
      const bus = await open();
      expect([await bus.exists(queue), await bus.exists("none")]).toEqual([true, false]);
      await bus.remove(queue);
      expect(await bus.exists(queue)).toBe(false);
    });

    test("a handler that fails loses nothing", async ({ open, queue, to }) => {
      const bus = await open();
      for (const text of ["a", "b", "c"]) await bus.publish(to, message(text));
      const seen: string[] = [];
      const draining = bus.drain(queue, 10, async ({ body }) => {
        seen.push(body.toString());
        if (seen.length === 3) throw new Error("out of luck");
        return seen.length === 1 ? DONE : RETRY;
      });
      await expect(draining).rejects.toThrow("out of luck");
      await vi.waitFor(async () => expect(await bus.depth(queue)).toBe(2));
    });
  });
}
