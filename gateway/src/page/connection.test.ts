import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { Connection } from "./connection.js";
import { NOTHING, type LiveState } from "./live-state.js";

/** The connections that were opened, the latest last. */
let opened: FakeSource[] = [];

class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  readyState = 1;

  constructor() {
    super();
    opened.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  send(event: string): void {
    this.dispatchEvent(new Event(event));
  }
}

beforeEach(() => {
  opened = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  vi.stubGlobal("document", { hidden: false, addEventListener: () => undefined });
  onTestFinished(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
});

test("a connection on which nothing comes is opened again; one with beats is not", () => {
  let state: LiveState = NOTHING;
  new Connection((change) => (state = change(state))).follow("/events");
  opened[0]?.send("open");
  for (let beat = 0; beat < 10; beat += 1) {
    vi.advanceTimersByTime(15_000);
    opened[0]?.send("beat");
  }
  expect([opened.length, state.connection]).toEqual([1, "live"]);
  vi.advanceTimersByTime(40_000);
  expect(state.connection).toBe("reconnecting");
  expect(opened.map(({ readyState }) => readyState)).toEqual([2, 1]);
  opened[1]?.send("open");
  expect(state.connection).toBe("live");
  // Nothing that comes late of the first counts.
  opened[0]?.send("beat");
  vi.advanceTimersByTime(40_000);
  expect(opened.length).toBe(3);
});
