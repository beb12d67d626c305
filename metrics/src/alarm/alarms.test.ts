import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exponentialLosses, autocorrelatedLosses, take } from "../testing/loss-streams.js";
import { DEFAULT_ALARM as DEFAULTS } from "./alarm-settings.js";
import { Alarms } from "./alarms.js";
import type { LaneAlarm } from "./raised-alarm.js";
import { ALARM_FORMAT, ALARM_STATE_FORMAT, type AlarmState } from "./saved-alarms.js";

/** Logs errors of a model in one commit. @returns the alarms that they raise. */
function add(alarms: Alarms, model: string, errors: ArrayLike<number>, eventTimes?: Float64Array, now = 0): readonly LaneAlarm[] {
  const yTrue = Float64Array.from(errors);
  const none = new Float64Array(yTrue.length);
  alarms.begin(now);
  alarms.logged({ model, yTrue, yPred: none, eventTimes: eventTimes ?? none.map(() => Number.NaN) }, []);
  return alarms.takeChanges()?.raised ?? [];
}

/** What is saved of all that was logged so far. */
function savedState(alarms: Alarms): AlarmState {
  alarms.logged({ model: "m", yTrue: Float64Array.of(1), yPred: Float64Array.of(1), eventTimes: Float64Array.of(0) }, []);
  const { state } = alarms.takeChanges() ?? {};
  if (state === undefined) throw new Error("Nothing changed.");
  return state;
}

const CONSTANT = new Float64Array(2_000).fill(1);

describe("versions of a model", () => {
  test("each has its own reference: a version that is worse from the start raises nothing", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    add(alarms, "a@1", CONSTANT);
    const worse = CONSTANT.map(() => 5);
    expect(add(alarms, "a@2", worse)).toEqual([]);
    const raised = add(alarms, "a@1", worse, undefined, 77);
    expect(raised[0]).toMatchObject({ number: 1, model: "a@1", kind: "worse", sinceRow: 4_001, raisedAt: 77 });
    expect(raised.at(-1)?.number).toBe(raised.length);
    expect(alarms.count).toBe(raised.length);
    expect(alarms.takeChanges()).toBeUndefined();
  });

  test("the figure that the first predictions of a version bring is its reference, and stays", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    alarms.predicted("a@1", { rows: 400, mae: 2, sd: 0 });
    alarms.predicted("a@1", { rows: 400, mae: 9, sd: 0 });
    add(alarms, "a@2", [1]);
    alarms.predicted("a@2", { rows: 400, mae: 9, sd: 0 });
    expect(alarms.of("a@1")?.baseline).toMatchObject({ source: "held-out", rows: 400, mean: 2, worse: 2.1 });
    expect(alarms.of("a@2")?.baseline).toBeUndefined();
    const again = new Alarms(DEFAULTS, 1);
    again.restore(ALARM_STATE_FORMAT.read(ALARM_STATE_FORMAT.write(savedState(alarms))));
    expect(again.of("a@1")?.baseline).toMatchObject({ source: "held-out", mean: 2 });
  });

  test("with seasons a version's own figure is not used: it is not known by hour", () => {
    const alarms = new Alarms({ ...DEFAULTS, season: "hour-of-week" }, 0);
    alarms.predicted("a@1", { rows: 400, mae: 2, sd: 0 });
    expect(alarms.of("a@1")?.baseline).toBeUndefined();
  });

  test("the eight that were used last are kept", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    for (let i = 1; i <= 8; i += 1) add(alarms, `a@${i}`, [1]);
    add(alarms, "a@1", [1]);
    add(alarms, "a@9", [1]);
    expect(alarms.list().map(({ model }) => model)).toEqual(["a@3", "a@4", "a@5", "a@6", "a@7", "a@8", "a@1", "a@9"]);
  });

  test("rows of two versions that alternate in the log keep their numbers, and rows that are not logged have none", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    add(alarms, "a", CONSTANT);
    const yTrue = new Float64Array(201).fill(3);
    const columns = { yTrue, yPred: yTrue.map(() => 0), eventTimes: yTrue };
    alarms.logged({ ...columns, model: (i) => (i % 2 === 1 ? "a" : "b") }, [{ row: 0 }]);
    const [first] = alarms.takeChanges()?.raised ?? [];
    expect(first?.sinceRow).toBe(2_001);
    expect(first?.row).toBe(2_001 + 2 * ((first?.rowsSince ?? 0) - 1));
  });

  test("alarms of one commit are in the order of their rows", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    add(alarms, "a", CONSTANT);
    add(alarms, "b", CONSTANT);
    const yTrue = new Float64Array(400).fill(3);
    alarms.logged({ yTrue, yPred: yTrue.map(() => 0), eventTimes: yTrue, model: (i) => (i % 2 === 0 ? "b" : "a") }, []);
    const raised = alarms.takeChanges()?.raised ?? [];
    expect(new Set(raised.map(({ model }) => model))).toEqual(new Set(["a", "b"]));
    expect(raised.map(({ row }) => row)).toEqual(raised.map(({ row }) => row).sort((a, b) => a - b));
    expect(raised.map(({ number }) => number)).toEqual(raised.map((_, i) => i + 1));
  });
});

describe("what is saved", () => {
  const cases = [
    { options: { ...DEFAULTS, every: { rows: 200 } }, heldOut: undefined },
    { options: { ...DEFAULTS, every: { ms: 3_600_000 }, season: "hour-of-week" as const }, heldOut: undefined },
    { options: { ...DEFAULTS, every: { rows: 1_000 } }, heldOut: { rows: 100, mae: 1, sd: 0.5 } },
  ];
  /** Errors that raise alarms of both kinds now and then; the second stream depends on time. */
  const streams = [take(exponentialLosses(1), 6_000), take(autocorrelatedLosses(2, 0.9), 6_000)].map((losses) =>
    losses.map((loss, row) => loss * (1 + 0.5 * Math.sin(row / 300))),
  );
  const times = Float64Array.from({ length: 6_000 }, (_, row) => row * 120_000);

  test.each(cases)("continues to the last bit wherever it is saved and cut: %j", { timeout: 60_000 }, ({ options, heldOut }) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_999 }), { maxLength: 6 }), fc.constantFrom(0, 1), (cuts, stream) => {
        const errors = streams[stream] ?? new Float64Array();
        const whole = new Alarms(options, 0);
        if (heldOut !== undefined) whole.predicted("m", heldOut);
        const undisturbed = add(whole, "m", errors, times, 1e9);
        let alarms = new Alarms(options, 0);
        if (heldOut !== undefined) alarms.predicted("m", heldOut);
        const raised = [];
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), 6_000]) {
          const [yTrue, eventTimes] = [errors.subarray(from, to), times.subarray(from, to)];
          alarms.begin(1e9);
          alarms.logged({ model: "m", yTrue, yPred: yTrue.map(() => 0), eventTimes }, []);
          from = to;
          const changes = alarms.takeChanges();
          if (changes === undefined) continue;
          raised.push(...changes.raised);
          alarms = new Alarms(options, to);
          alarms.restore(ALARM_STATE_FORMAT.read(ALARM_STATE_FORMAT.write(changes.state)));
        }
        expect(raised).toEqual(undisturbed);
        expect(savedState(alarms)).toEqual(savedState(whole));
      }),
      { numRuns: 40 },
    );
  });

  test("the streams of that test raise alarms of both kinds", () => {
    const kinds = streams.flatMap((errors) =>
      add(new Alarms({ ...DEFAULTS, every: { rows: 200 } }, 0), "m", errors).map(({ kind }) => kind),
    );
    expect(new Set(kinds)).toEqual(new Set(["worse", "better"]));
  });

  test("another tolerance takes effect at once; another season begins a new reference", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    add(alarms, "m", CONSTANT);
    const saved = savedState(alarms);
    const tolerant = new Alarms({ ...DEFAULTS, tolerance: 0.5 }, 0);
    expect(tolerant.restore(saved)).toEqual([]);
    expect(tolerant.of("m")?.baseline?.worse).toBe(1.5);
    const seasonal = new Alarms({ ...DEFAULTS, season: "hour-of-week" }, 0);
    expect(seasonal.restore(saved)).toEqual(["The reference of model m begins anew: ALARM_SEASON was none and is hour-of-week."]);
    expect(seasonal.list()).toEqual([]);
  });

  test("a state of an earlier version takes the change that an alarm is on for from the alarms that are kept", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    add(alarms, "m", CONSTANT);
    const raised = add(alarms, "m", new Float64Array(400).fill(5));
    const { changes, ...earlier } = savedState(alarms);
    expect(changes).toMatchObject([{ number: 1, kind: "worse", sinceRow: 2_001, raisedAgain: raised.length - 1 }]);
    const again = new Alarms(DEFAULTS, 0);
    again.restore(earlier, raised);
    expect(again.change("m", "worse")).toEqual(changes?.[0]);
    expect(again.change("m", "better")).toBeUndefined();
  });

  test("an alarm reads back as it was, with what JSON does not have", () => {
    const alarms = new Alarms(DEFAULTS, 0);
    add(alarms, "m", CONSTANT);
    const [alarm] = add(alarms, "m", [Infinity]);
    if (alarm === undefined) throw new Error("There is no alarm.");
    expect(alarm).toMatchObject({ meanSince: Infinity, meanSinceHigh: Number.NaN, time: Number.NaN });
    expect(ALARM_FORMAT.read(ALARM_FORMAT.write({ version: 1, ...alarm }))).toEqual({ version: 1, ...alarm });
  });

  test.each(["AAAA", "", "?".repeat(152)])("numbers that are none are refused: %j", (numbers) => {
    const alarms = new Alarms(DEFAULTS, 0);
    const state = savedState(alarms);
    const broken = { ...state, models: state.models.map((model) => ({ ...model, numbers })) };
    expect(() => ALARM_STATE_FORMAT.read(JSON.stringify(broken))).toThrow("The state of the alarm cannot be read");
  });
});
