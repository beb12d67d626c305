import { captureLog } from "@streamgauge/testing";
import { beforeEach, expect, test, vi } from "vitest";
import { Deferred } from "../../deferred.js";
import { DONE, QueueTakenError, type Bus } from "../bus.js";
import { RabbitConsumer } from "./consumer.js";
import type { RabbitSession } from "./session.js";

/** What a node answers when it is asked for a lock that another one holds; of several, the last one from then on. */
type Answer = "never" | { readonly code: number; readonly message: string };

const LOCKED = { code: 405, message: "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue" };
const MISSING = { code: 404, message: "NOT_FOUND - no queue 'rows.reader.2' in vhost '/'" };
const UNREACHABLE = { code: 404, message: "NOT_FOUND - failed to perform operation on queue 'rows.reader' in vhost '/' due to timeout" };

const failure = ({ code, message }: Exclude<Answer, "never">) => Object.assign(new Error(message), { code });

/** A queue whose locks and consumers are those of a node that cannot be stopped here: of one in a cluster. */
function reader({
  locked,
  consumers,
  answer,
}: {
  readonly locked: readonly string[];
  readonly consumers: number;
  readonly answer: Answer | readonly Answer[];
}) {
  const held: string[] = [];
  const answers = [answer].flat();
  const channel = {
    assertQueue: async (lock: string) => {
      if (locked.includes(lock)) throw failure(LOCKED);
      held.push(lock);
    },
    checkQueue: async () => ({ consumerCount: consumers }),
    prefetch: async () => undefined,
    consume: async () => undefined,
  };
  const session = {
    openChannel: async () => channel,
    release: async () => undefined,
    withChannel: () => {
      const next = (answers.length > 1 ? answers.shift() : answers[0]) ?? "never";
      return next === "never" ? new Promise(() => undefined) : Promise.reject(failure(next));
    },
  } as unknown as RabbitSession;
  const consumer = new RabbitConsumer("rows", async () => DONE, { prefetch: 1, exclusive: true }, {} as Bus, "test", captureLog().log);
  return { start: () => consumer.start(session), held };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  return () => vi.useRealTimers();
});

test("the lock of a node that is not heard of for ten seconds is passed over, though its consumers are counted", async () => {
  const { start, held } = reader({ locked: ["rows.reader"], consumers: 3, answer: "never" });
  await expect(start()).rejects.toThrow(QueueTakenError);
  vi.advanceTimersByTime(9_000);
  await expect(start()).rejects.toThrow(QueueTakenError);
  vi.advanceTimersByTime(1_000);
  await start();
  expect(held).toEqual(["rows.reader.2"]);
});

test("so is one of which RabbitMQ says that it does not answer, at once", async () => {
  const { start, held } = reader({ locked: ["rows.reader"], consumers: 3, answer: UNREACHABLE });
  await expect(start()).rejects.toThrow(QueueTakenError);
  await start();
  expect(held).toEqual(["rows.reader.2"]);
});

test("a lock whose node answers is respected, however long it is held", async () => {
  const { start, held } = reader({ locked: ["rows.reader"], consumers: 1, answer: LOCKED });
  for (let i = 0; i < 30; i += 1) {
    await expect(start()).rejects.toThrow(QueueTakenError);
    vi.advanceTimersByTime(1_000);
  }
  expect(held).toEqual([]);
});

test("so is one that nobody held when it was asked for, and somebody holds again", async () => {
  const { start, held } = reader({ locked: ["rows.reader"], consumers: 1, answer: [MISSING, LOCKED] });
  for (let i = 0; i < 30; i += 1) {
    await expect(start()).rejects.toThrow(QueueTakenError);
    vi.advanceTimersByTime(1_000);
  }
  expect(held).toEqual([]);
});

test("consumers without a lock are waited for, and then taken for those of a node that is lost", async () => {
  const { start, held } = reader({ locked: [], consumers: 1, answer: MISSING });
  await expect(start()).rejects.toThrow(QueueTakenError);
  vi.advanceTimersByTime(10_000);
  await start();
  expect(held).toEqual(["rows.reader", "rows.reader", "rows.reader.3"]);
});

test("consumers are respected while the next lock is held", async () => {
  const { start } = reader({ locked: [], consumers: 1, answer: LOCKED });
  for (let i = 0; i < 30; i += 1) {
    await expect(start()).rejects.toThrow(QueueTakenError);
    vi.advanceTimersByTime(1_000);
  }
});

test("a broker that answers the end of a consumer late gets its channel back then", async () => {
  const [cancelled, released] = [new Deferred<void>(), new Deferred<void>()];
  const channel = { prefetch: async () => undefined, consume: async () => undefined, cancel: () => cancelled.promise };
  const session = { openChannel: async () => channel, release: async () => released.resolve() } as unknown as RabbitSession;
  const consumer = new RabbitConsumer("rows", async () => DONE, { prefetch: 1 }, {} as Bus, "test", captureLog().log);
  await consumer.start(session);
  await consumer.close();
  cancelled.resolve();
  await released.promise;
});

test("a reader that is closed while it starts is no failure of its link", async () => {
  const asked = new Deferred<void>();
  const channel = {
    prefetch: async () => undefined,
    consume: async () => {
      asked.resolve();
      await closed.promise;
      throw new Error("Channel ended, no reply will be forthcoming");
    },
    cancel: async () => closed.resolve(),
  };
  const closed = new Deferred<void>();
  const session = { openChannel: async () => channel, release: async () => undefined } as unknown as RabbitSession;
  const consumer = new RabbitConsumer("rows", async () => DONE, { prefetch: 1 }, {} as Bus, "test", captureLog().log);
  const started = consumer.start(session);
  await asked.promise;
  await Promise.all([consumer.close(), started]);
});
