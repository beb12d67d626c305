import { describe, expect } from "vitest";
import { TopologyError } from "../bus.js";
import { LIMIT, type ContractTest } from "./contract-test.js";
import { message } from "./messages.js";

/** The contract of a bus: declaring. */
export function describeDeclaring(test: ContractTest): void {
  describe("declaring", () => {
    test("a later link finds what an earlier one declared, with its messages", async ({ open, to, queue }) => {
      await (await open("one")).publish(to, message("a"));
      expect(await (await open("other")).depth(queue)).toBe(1);
    });

    test("a queue that exists with another limit is refused, and the error names it", async ({ open, topology, shortQueue }) => {
      await open();
      const limit = { messages: LIMIT + 1, bytes: 64 * 1024 * 1024 };
      const queues = topology.queues.map((queue) => (queue.name === shortQueue ? { ...queue, limit } : queue));
      const opening = open("other", { ...topology, queues });
      await expect(opening).rejects.toThrow(TopologyError);
      await expect(opening).rejects.toThrow(shortQueue);
    });
  });
}
