import { describe, expect } from "vitest";
import { DONE, TopologyError, type Bus } from "../bus.js";
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

    test("a queue gets nothing while it is unbound, and what it has stays", async ({ open, to, queue, toShort, shortQueue }) => {
      const bus = await open();
      await bus.publish(to, message("before"));
      await bus.bind(shortQueue, to);
      await bus.unbind(queue, to);
      await bus.unbind(queue, to);
      await bus.publish(to, message("meanwhile"));
      await bus.bind(queue, to);
      await bus.bind(queue, to);
      await bus.publish(to, message("after"));
      await bus.publish(toShort, message("as ever"));
      expect(await textsIn(bus, queue)).toEqual(["before", "after"]);
      expect(await textsIn(bus, shortQueue)).toEqual(["meanwhile", "after", "as ever"]);
    });

    test("a queue that is removed is gone with its messages; one that is not there may be removed", async ({
      open,
      topology,
      to,
      queue,
    }) => {
      const bus = await open();
      await bus.publish(to, message("a"));
      await bus.remove(queue);
      await bus.remove(queue);
      expect(await (await open("again", topology)).depth(queue)).toBe(0);
    });
  });
}

/** Takes them all. */
async function textsIn(bus: Bus, queue: string): Promise<string[]> {
  const texts: string[] = [];
  await bus.drain(queue, 100, async ({ body }) => {
    texts.push(body.toString());
    return DONE;
  });
  return texts;
}
