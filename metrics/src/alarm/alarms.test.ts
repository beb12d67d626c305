import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exponentialLosses, autocorrelatedLosses, take } from "../testing/loss-streams.js";
import { DEFAULTS } from "../testing/watched-model.js";
import { Alarms } from "./alarms.js";
import { ALARM_FORMAT, ALARM_STATE_FORMAT } from "./saved-alarms.js";

/** Adds errors of a model as logged rows. */
function add(alarms: Alarms, model: string, errors: ArrayLike<number>, row: number, eventTimes?: Float64Array, now = 0) {
  const yTrue = Float64Array.from(errors);
  return alarms.add({ model, yTrue, yPred: new Float64Array(yTrue.length), eventTimes, rows: row }, now);
}

const CONSTANT = new Float64Array(2_000).fill(1);

describe("versions of a model", () => {
  test("each has its own reference: a version that is worse from the start raises nothing", () => {
    const alarms = new Alarms(DEFAULTS);
    add(alarms, "a@1", CONSTANT, 1);
    expect(
      add(
        alarms,
        "a@2",
        CONSTANT.map(() => 5),
        2_001,
      ),
    ).toEqual([]);
    const raised = add(
      alarms,
      "a@1",
      CONSTANT.map(() => 5),
      4_001,
      undefined,
      77,
    );
    expect(raised[0]).toMatchObject({ number: 1, model: "a@1", kind: "worse", sinceRow: 4_001, raisedAt: 77 });
    expect(alarms.count).toBe(raised.length);
    expect(alarms.takeRaised()).toEqual(raised);
    expect(alarms.takeRaised()).toEqual([]);
  });

  test("the eight that were used last are kept", () => {
    const alarms = new Alarms(DEFAULTS);
    for (let i = 1; i <= 8; i += 1) add(alarms, `a@${i}`, [1], i);
    add(alarms, "a@1", [1], 9);
    add(alarms, "a@9", [1], 10);
    expect([...alarms.models.keys()]).toEqual(["a@3", "a@4", "a@5", "a@6", "a@7", "a@8", "a@1", "a@9"]);
  });

  test("rows of two versions that alternate in the log keep their numbers", () => {
    const alarms = new Alarms(DEFAULTS);
    add(alarms, "a", CONSTANT, 1);
    const rows = Float64Array.from({ length: 200 }, (_, i) => 3_000 + 2 * i);
    const raised = alarms.add({ model: "a", yTrue: new Float64Array(200).fill(3), yPred: new Float64Array(200), rows }, 0);
    expect(raised[0]?.sinceRow).toBe(3_000);
    expect(raised[0]?.row).toBe(3_000 + 2 * ((raised[0]?.rowsSince ?? 0) - 1));
  });
});

describe("what is saved", () => {
  const settings = [
    { ...DEFAULTS, every: { rows: 200 } },
    { ...DEFAULTS, every: { ms: 3_600_000 }, season: "hour-of-week" as const },
    { ...DEFAULTS, every: { rows: 1_000 }, heldOut: () => ({ rows: 100, mae: 1 }) },
  ];
  /** Errors that raise alarms of both kinds now and then; the second stream depends on time. */
  const streams = [take(exponentialLosses(1), 6_000), take(autocorrelatedLosses(2, 0.9), 6_000)].map((losses) =>
    losses.map((loss, row) => loss * (1 + 0.5 * Math.sin(row / 300))),
  );
  const times = Float64Array.from({ length: 6_000 }, (_, row) => row * 120_000);

  test.each(settings)("continues to the last bit wherever it is saved and cut: %j", { timeout: 60_000 }, (options) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5_999 }), { maxLength: 6 }), fc.constantFrom(0, 1), (cuts, stream) => {
        const errors = streams[stream] ?? new Float64Array();
        const whole = new Alarms(options);
        const undisturbed = add(whole, "m", errors, 1, times, 1e9);
        let alarms = new Alarms(options);
        const raised = [];
        let from = 0;
        for (const to of [...cuts.sort((a, b) => a - b), 6_000]) {
          raised.push(...add(alarms, "m", errors.subarray(from, to), from + 1, times.subarray(from, to), 1e9));
          const text = ALARM_STATE_FORMAT.write(alarms.state());
          alarms = new Alarms(options);
          alarms.restore(ALARM_STATE_FORMAT.read(text));
          from = to;
        }
        expect(raised).toEqual(undisturbed);
        expect(ALARM_STATE_FORMAT.write(alarms.state())).toBe(ALARM_STATE_FORMAT.write(whole.state()));
      }),
      { numRuns: 40 },
    );
  });

  test("the streams of that test raise alarms of both kinds", () => {
    const kinds = streams.flatMap((errors) =>
      add(new Alarms({ ...DEFAULTS, every: { rows: 200 } }), "m", errors, 1).map(({ kind }) => kind),
    );
    expect(new Set(kinds)).toEqual(new Set(["worse", "better"]));
  });

  test("another tolerance takes effect at once; another season begins a new reference", () => {
    const alarms = new Alarms(DEFAULTS);
    add(alarms, "m", CONSTANT, 1);
    const saved = alarms.state();
    const tolerant = new Alarms({ ...DEFAULTS, tolerance: 0.5 });
    expect(tolerant.restore(saved)).toEqual([]);
    expect(tolerant.models.get("m")?.baseline?.worse).toBe(1.5);
    const seasonal = new Alarms({ ...DEFAULTS, season: "hour-of-week" });
    expect(seasonal.restore(saved)).toEqual(["m"]);
    expect(seasonal.models.size).toBe(0);
  });

  test("an alarm reads back as it was, with what JSON does not have", () => {
    const alarms = new Alarms(DEFAULTS);
    add(alarms, "m", CONSTANT, 1);
    const [alarm] = alarms.add({ model: "m", yTrue: Float64Array.of(1.7e308), yPred: Float64Array.of(-1.7e308), rows: 2_001 }, 5);
    if (alarm === undefined) throw new Error("There is no alarm.");
    expect(alarm).toMatchObject({ meanSince: Infinity, meanSinceHigh: Number.NaN, time: Number.NaN });
    expect(ALARM_FORMAT.read(ALARM_FORMAT.write({ version: 1, ...alarm }))).toEqual({ version: 1, ...alarm });
  });

  test.each(["AAAA", "", "?".repeat(88)])("numbers that are none are refused: %j", (numbers) => {
    const alarms = new Alarms(DEFAULTS);
    add(alarms, "m", [1], 1);
    const state = alarms.state();
    const broken = { ...state, models: state.models.map((model) => ({ ...model, numbers })) };
    expect(() => ALARM_STATE_FORMAT.read(JSON.stringify(broken))).toThrow("The state of the alarm cannot be read");
  });
});
