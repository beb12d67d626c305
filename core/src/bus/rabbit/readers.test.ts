import { captureLog } from "@streamgauge/testing";
import { expect, test, vi } from "vitest";
import { Deferred } from "../../deferred.js";
import { BusClosedError, QueueTakenError } from "../bus.js";
import { queueTaken } from "./errors.js";
import { Readers, type Reader } from "./readers.js";
import type { RabbitSession } from "./session.js";

/** A session whose set-up may take five milliseconds. */
function openSession() {
  const failed = new Deferred<Error>();
  const state: { reason: Error | undefined } = { reason: undefined };
  const fail = (reason: Error) => {
    state.reason ??= reason;
    failed.resolve(reason);
  };
  const limitSetUp = () => setTimeout(() => fail(new Error("too late")), 5);
  const session = {
    fail,
    limitSetUp,
    get reason() {
      return state.reason;
    },
  } as unknown as RabbitSession;
  return { session, failed: failed.promise };
}

/** A reader whose tries end as told; the last one again and again. */
function readerThat(...tries: readonly (() => Promise<void>)[]): Reader {
  let next = 0;
  return {
    alone: "rows",
    start: () => tries[Math.min(next++, tries.length - 1)]?.() ?? Promise.resolve(),
    flush: () => undefined,
    close: async () => undefined,
  };
}

const taken = () => Promise.reject(queueTaken("rows"));
const unanswered = () => new Promise<void>(() => undefined);

function openReaders() {
  const ending = new AbortController();
  const { log } = captureLog();
  const readers = new Readers({ log, closing: new AbortController().signal, ending: ending.signal, readerGoneWithinMs: 30_000 });
  return { readers, ending };
}

test("a queue that does not answer once it is free again ends the session, as one that does not answer at first", async () => {
  const { readers } = openReaders();
  await readers.add(
    readerThat(() => Promise.resolve(), taken, unanswered),
    openSession().session,
  );
  expect(readers.areAllReading).toBe(true);
  const { session, failed } = openSession();
  await readers.startAgain(session);
  expect(readers.areAllReading).toBe(false);
  expect((await failed).message).toBe("too late");
  expect(readers.areAllReading).toBe(false);
});

test("a reader that got no answer yet does not read", async () => {
  const { readers } = openReaders();
  const { session, failed } = openSession();
  void readers.add(readerThat(unanswered), session);
  expect(readers.areAllReading).toBe(false);
  await failed;
});

test("the wait for a queue that another reads ends with the process", async () => {
  const { readers, ending } = openReaders();
  const added = readers.add(readerThat(taken), openSession().session);
  ending.abort();
  await expect(added).rejects.toThrow(BusClosedError);
  expect(readers.areAllReading).toBe(true);
});

test("a queue that a link reads alone is refused to a second reader of that link at once", async () => {
  const { readers } = openReaders();
  const { session } = openSession();
  const start = vi.fn<() => Promise<void>>(async () => undefined);
  const one = await readers.add(
    readerThat(async () => undefined),
    session,
  );
  await expect(readers.add(readerThat(start), session)).rejects.toThrow(QueueTakenError);
  expect(start).not.toHaveBeenCalled();
  await one.close();
  await readers.add(readerThat(start), session);
  expect(start).toHaveBeenCalledOnce();
});
