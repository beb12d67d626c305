import { CHAMPION } from "@streamgauge/core";
import type { Balance } from "@streamgauge/metrics";
import { describe, expect, test } from "vitest";
import { Accounting, allAccountedFor, RowsMissingError } from "./accounting.js";

const NONE: Balance = { received: 0, logged: 0, unmatched: 0, deadLettered: 0, duplicates: 0, conflicts: 0 };

/** A run of so many rows, whose progress the test controls. */
function run(sent: number, before?: Balance) {
  const waiting = { y_true: 0, y_pred: 0 };
  const run = {
    labels: NONE,
    waiting,
    canWrite: true,
    counts: { predicted: 0, refused: 0 },
    inFlight: 0,
    depths: new Map<string, number>(),
    linkIsUp: true,
  };
  const options = {
    sent,
    before,
    lane: CHAMPION,
    metrics: {
      progress: async () => (run.canWrite ? { balance: { y_true: run.labels, y_pred: NONE }, waiting } : undefined),
    },
    scoring: {
      get counts() {
        return run.counts;
      },
      get inFlight() {
        return run.inFlight;
      },
    },
    bus: {
      depth: async (queue: string) => {
        if (!run.linkIsUp) throw new Error("the channel is closed");
        return run.depths.get(queue) ?? 0;
      },
    },
  };
  return { run, options, accounting: new Accounting(options) };
}

describe("a run is complete", () => {
  test("when each row is logged, refused, a duplicate, in conflict or unmatched, and that is seen twice", async () => {
    const { run: state, accounting } = run(6);
    state.labels = { ...NONE, logged: 1, duplicates: 1, conflicts: 1, unmatched: 1, deadLettered: 1 };
    expect([await accounting.isComplete(0), await accounting.isComplete(120)]).toEqual([false, false]);
    state.counts = { predicted: 0, refused: 1 };
    expect([await accounting.isComplete(240), await accounting.isComplete(360)]).toEqual([false, true]);
  });

  test("without counting what was there before", async () => {
    const { run: state, accounting } = run(1, { ...NONE, logged: 442 });
    state.labels = { ...NONE, logged: 442 };
    expect([await accounting.isComplete(0), await accounting.isComplete(120)]).toEqual([false, false]);
    state.labels = { ...NONE, logged: 443 };
    expect([await accounting.isComplete(240), await accounting.isComplete(360)]).toEqual([false, true]);
  });

  type State = ReturnType<typeof run>["run"];
  test.each([
    ["rows wait in a queue", (state: State, on: boolean) => state.depths.set("model.champion", on ? 1 : 0)],
    ["labels wait in a queue", (state: State, on: boolean) => state.depths.set("metrics.champion.y_true", on ? 1 : 0)],
    ["predictions wait in a queue", (state: State, on: boolean) => state.depths.set("metrics.champion.y_pred", on ? 1 : 0)],
    ["the model has messages in flight", (state: State, on: boolean) => (state.inFlight = on ? 1 : 0)],
    ["labels wait in memory", (state: State, on: boolean) => (state.waiting.y_true = on ? 1 : 0)],
    ["predictions wait in memory", (state: State, on: boolean) => (state.waiting.y_pred = on ? 1 : 0)],
    ["the link is lost", (state: State, on: boolean) => (state.linkIsUp = !on)],
    ["metrics cannot write", (state: State, on: boolean) => (state.canWrite = !on)],
  ])("not while %s, for as long as it takes", async (_, hold) => {
    const { run: state, accounting } = run(1);
    state.labels = { ...NONE, logged: 1 };
    hold(state, true);
    for (const now of [0, 120, 20_000, 600_000]) expect(await accounting.isComplete(now)).toBe(false);
    hold(state, false);
    await accounting.isComplete(600_120);
    expect(await accounting.isComplete(600_240)).toBe(true);
  });

  test("not while counts change, as over RabbitMQ if rows of an earlier run come first", async () => {
    const { run: state, accounting } = run(10);
    for (let logged = 1; logged <= 40; logged += 1) {
      state.labels = { ...NONE, logged };
      expect(await accounting.isComplete(logged * 120)).toBe(false);
    }
    expect(await accounting.isComplete(5_000)).toBe(true);
  });
});

test("rows are missing when nothing moved for ten seconds", async () => {
  const { run: state, accounting } = run(5);
  state.labels = { ...NONE, logged: 2 };
  for (const now of [0, 120, 9_000]) expect(await accounting.isComplete(now)).toBe(false);
  state.labels = { ...NONE, logged: 3 };
  for (const now of [9_120, 18_000, 19_120]) expect(await accounting.isComplete(now)).toBe(false);
  const looking = accounting.isComplete(19_121);
  await expect(looking).rejects.toThrow(RowsMissingError);
  await expect(looking).rejects.toThrow("2 rows are not accounted for, and the queues are empty.");
});

test("a run that is stopped is not waited for", async () => {
  const stop = new AbortController();
  const waiting = allAccountedFor(run(5).options, stop.signal);
  stop.abort();
  await waiting;
});
