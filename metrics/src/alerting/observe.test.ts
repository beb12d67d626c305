import { describe, expect, test } from "vitest";
import { errorChangeOf } from "@streamgauge/testing";
import { laneFigures } from "../testing/quiet-lane.js";
import { Activity } from "./activity.js";
import { describeFiring, describeResolved } from "./describe-alert.js";
import type { LaneFigures, WindowFigures } from "./lane-figures.js";
import { observe } from "./observe.js";
import { parseRules } from "./rules/read-rules.js";
import type { Rule } from "./rules/rule.js";

const NOW = 1_700_000_000_000;
const HOUR = 3_600_000;

function rule(fields: string): Rule {
  const [first] = parseRules(`rules: [{name: r, ${fields}}]`, "rules.yaml");
  if (first === undefined) throw new Error("There is no rule.");
  return first;
}

function look(of: Rule, figures: LaneFigures, { activity = new Activity(undefined), openedAt = NOW - 100 * HOUR } = {}) {
  return observe(of, { figures, model: "m@1", activity, now: NOW, openedAt });
}

/** A lane whose rows of each side last came so many ms ago. */
function lastCame(labelsAgo: number | undefined, predictionsAgo: number | undefined): Activity {
  const at = (ago: number | undefined) => (ago === undefined ? null : NOW - ago);
  return new Activity({
    received: { y_true: 1, y_pred: 1 },
    lastAt: { y_true: at(labelsAgo), y_pred: at(predictionsAgo) },
    deadLetters: [],
    alarms: [],
  });
}

const WINDOW: WindowFigures = {
  predicted: 200,
  labelled: 150,
  ofModel: { labelled: 100, mae: 61.5, rmse: 80 },
  bias: -12.25,
  p95: 130,
  intervals: { rows: 120, coverage: 0.775 },
  lagP95Ms: 90_000,
  lagP95AtLeastMs: 65_536,
};
const LANE = laneFigures({ window: WINDOW });

describe("Drift", () => {
  const figures = { bmi: [1.1246, 0.2, true], city: [0.3, 0.4, false], age: [0.05, 0.02, false], y_pred: [0.15, 0.02, true] } as const;
  const drifted = laneFigures({
    drift: (windowMs, model) =>
      windowMs !== 24 * HOUR || model !== "m@1"
        ? undefined
        : {
            rows: 200,
            features: Object.entries(figures).map(([name, [psi, noise, isDrifted]]) => ({ name, psi, noise, drifted: isDrifted })),
          },
  });

  test.each([
    ["kind: drift", true, 1.1246, 0.2, "Drifted over 1d: bmi (PSI 1.12), y_pred (PSI 0.15)."],
    // city has a greater index, but within what chance does.
    ["kind: drift, features: [city, y_pred]", true, 0.15, 0.1, "Drifted over 1d: y_pred (PSI 0.15)."],
    ["kind: drift, features: [age, city]", false, 0.3, 0.4, undefined],
  ])("with %s holds: %j", (fields, holds, value, bound, sentence) => {
    const of = rule(fields);
    const observation = look(of, drifted);
    expect(observation).toMatchObject({ holds, value, bound, unit: "" });
    if (sentence !== undefined) expect(describeFiring(of, observation)).toBe(sentence);
    expect(describeResolved(of, observation)).toBe("No feature that the rule watches has drifted over 1d.");
  });

  test.each(["kind: drift, least_rows: 201", "kind: drift, features: [bmx]", "kind: drift, window: 2h"])(
    "with %s is not known: too few rows, no such feature, no hours",
    (fields) => expect(look(rule(fields), drifted)).toMatchObject({ holds: undefined, value: Number.NaN }),
  );

  test("of many features names five", () => {
    const features = Array.from({ length: 7 }, (_, i) => ({ name: `f${i}`, psi: 1 + i, noise: 0.1, drifted: true }));
    const of = rule("kind: drift");
    expect(describeFiring(of, look(of, laneFigures({ drift: () => ({ rows: 200, features }) })))).toBe(
      "Drifted over 1d: f6 (PSI 7), f5 (PSI 6), f4 (PSI 5), f3 (PSI 4), f2 (PSI 3) and 2 more.",
    );
  });
});

describe("A figure over a window", () => {
  test.each([
    ["kind: mae, above: 61", true, 61.5, 61, "mg/dl", "MAE over 1h is 61.5 mg/dl, above 61 mg/dl."],
    ["kind: mae, above: 61.5", false, 61.5, 61.5, "mg/dl", "MAE over 1h is 61.5 mg/dl, above 61.5 mg/dl."],
    ["kind: mae, above: 1, least_rows: 101", undefined, 61.5, 1, "mg/dl", "MAE over 1h is 61.5 mg/dl, above 1 mg/dl."],
    ["kind: rmse, above: 61, window: 90m", true, 80, 61, "mg/dl", "RMSE over 90m is 80 mg/dl, above 61 mg/dl."],
    ["kind: bias, above: 12", true, -12.25, -12, "mg/dl", "Bias over 1h is -12.25 mg/dl, below -12 mg/dl."],
    [
      "kind: p95, above: 130, window: 1d",
      false,
      130,
      130,
      "mg/dl",
      "The 95 % quantile of the error over 1d is 130 mg/dl, above 130 mg/dl.",
    ],
    ["kind: coverage, below: 0.9, after: 2h", true, 0.75, 0.9, "", "Coverage over 1h, 2h ago, is 0.75, below 0.9."],
    ["kind: interval_coverage, below: 0.8", true, 0.775, 0.8, "", "The coverage of the intervals over 1h is 0.775, below 0.8."],
    ["kind: interval_coverage, below: 0.775", false, 0.775, 0.775, "", "The coverage of the intervals over 1h is 0.775, below 0.775."],
    [
      "kind: interval_coverage, below: 0.8, least_rows: 121",
      undefined,
      Number.NaN,
      0.8,
      "",
      "The coverage of the intervals over 1h is unknown, below 0.8.",
    ],
    ["kind: coverage, below: 0.75", false, 0.75, 0.75, "", "Coverage over 1h is 0.75, below 0.75."],
    ["kind: label_lag, above: 1m", true, 90, 60, "s", "The 95 % quantile of the time to a label over 1d is 90 s, above 60 s."],
  ])("with %s holds: %j", (fields, holds, value, bound, unit, sentence) => {
    const of = rule(fields);
    expect(look(of, LANE)).toEqual({ holds, value, bound, unit });
    expect(describeFiring(of, look(of, LANE))).toBe(sentence);
  });

  test("of a time to labels is above a bound only if it is so for sure", () => {
    expect(look(rule("kind: label_lag, above: 80s"), LANE)).toMatchObject({ holds: false, value: 90 });
  });

  test("is not known without windows, without rows, or for several versions of the model at once", () => {
    const p95 = rule("kind: p95, above: 1");
    expect(look(p95, laneFigures()).holds).toBeUndefined();
    expect(look(p95, laneFigures({ window: {} })).holds).toBeUndefined();
    expect(look(p95, laneFigures({ window: { ...WINDOW, p95: Number.NaN } })).holds).toBeUndefined();
  });

  test("beyond the largest double is above every bound", () => {
    const figures = laneFigures({ window: { ...WINDOW, ofModel: { labelled: 100, mae: Infinity, rmse: Infinity } } });
    const of = rule("kind: mae, above: 50");
    expect(look(of, figures).holds).toBe(true);
    expect(describeFiring(of, look(of, figures))).toBe("MAE over 1h is beyond the largest double, above 50 mg/dl.");
  });
});

describe("The alarm on the error", () => {
  const one = { partition: 1, segments: () => [] };
  const alarms = [
    { ...one, kind: "worse", isOn: true, raisedAtRow: 700, change: errorChangeOf({ mean_before: 40, mean_since: 48 }) },
    { ...one, kind: "better", isOn: false, raisedAtRow: 0, change: undefined },
  ] as const;

  test("holds in the direction of the rule", () => {
    const worse = rule("kind: error_alarm");
    expect(look(worse, laneFigures({ alarms: () => alarms }))).toMatchObject({ holds: true, value: 48, bound: 40, unit: "mg/dl" });
    expect(describeFiring(worse, look(worse, laneFigures({ alarms: () => alarms })))).toBe(
      "The mean error became worse at about 2026-11-29 05:51:00 UTC (row 101 of the log): MAE 40 mg/dl before, 48 mg/dl since " +
        "(95 % interval: 2 to 4). Noticed at 2026-11-29 05:52:00 UTC (row 150).",
    );
    expect(look(rule("kind: error_alarm, direction: better"), laneFigures({ alarms: () => alarms })).holds).toBe(false);
  });

  test("that was on and over between two looks is seen, once, also over a restart", () => {
    const worse = rule("kind: error_alarm");
    const at = (raisedAtRow: number) => laneFigures({ alarms: () => [{ ...alarms[0], isOn: false, raisedAtRow }] });
    let activity = new Activity(undefined);
    const holds = (raisedAtRow: number) => look(worse, at(raisedAtRow), { activity }).holds;
    // One of the past is not new.
    expect([holds(700), holds(700), holds(900), holds(900)]).toEqual([false, false, true, false]);
    activity = new Activity(activity.save());
    expect([holds(900), holds(901)]).toEqual([false, true]);
  });

  test("is not known without a detector", () => {
    expect(look(rule("kind: error_alarm"), laneFigures()).holds).toBeUndefined();
  });
});

describe("In a lane of four partitions", () => {
  const ALL = { of: 4, missing: [] };
  const mae = rule("kind: mae, above: 50");
  const worse = rule("kind: error_alarm");

  test.each(["kind: mae, above: 50", "kind: coverage, below: 1", "kind: drift", "kind: error_alarm", "kind: no_rows, above: 1h"])(
    "nothing is concluded before the others have answered: %s",
    (fields) => {
      const asked = laneFigures({ window: WINDOW, partitions: undefined });
      expect(look(rule(fields), asked, { activity: lastCame(HOUR, HOUR) }).holds).toBeUndefined();
    },
  );

  test("but of dead letters, which are counted in one place", () => {
    const asked = laneFigures({ partitions: undefined, deadLetters: 3 });
    expect(look(rule("kind: dead_letters, above: 0, window: 1m"), asked).holds).toBe(false);
  });

  test.each([
    [[], "MAE over 1h is 61.5 mg/dl, above 50 mg/dl."],
    [[2], "MAE over 1h is 61.5 mg/dl, above 50 mg/dl. Without partition 2 of 4, which does not answer."],
    [[2, 3, 4], "MAE over 1h is 61.5 mg/dl, above 50 mg/dl. Without partitions 2, 3 and 4 of 4, which do not answer."],
  ])("an alert names those that do not answer: %j", (missing, sentence) => {
    expect(describeFiring(mae, look(mae, laneFigures({ window: WINDOW, partitions: { of: 4, missing } })))).toBe(sentence);
  });

  /** What the detectors say by partition: whether its alarm is on, and the row that raised it. */
  function alarmsOf(...raised: readonly (readonly [isOn: boolean, row: number])[]) {
    return raised.map(([isOn, raisedAtRow], i) => ({
      partition: i + 1,
      kind: "worse" as const,
      isOn,
      raisedAtRow,
      // The last one noticed it first.
      change: errorChangeOf({ mean_before: 40 + i, mean_since: 60 + i, time: `2026-11-29T05:5${9 - i}:00.000Z` }),
      segments: () => [{ name: `x ${i + 1}`, rows: 10, mae: 80 }],
    }));
  }

  test.each([
    [
      [false, true, false, false],
      "in partition 2 of 4, at about 2026-11-29 05:51:00 UTC (row 101 of the log): MAE 41 mg/dl before, 61 mg/dl",
      2,
    ],
    [
      [false, true, true, true],
      "in partitions 2, 3 and 4 of 4, at about 2026-11-29 05:51:00 UTC (row 101 of the log): MAE 43 mg/dl before, 63 mg/dl",
      4,
    ],
  ])("an alarm in any is one of the lane, and names them; the one that noticed it first speaks: %j", (on, sentence, first) => {
    const alarms = () => alarmsOf(...on.map((isOn) => [isOn, 7] as const));
    const observation = look(worse, laneFigures({ partitions: ALL, alarms }));
    expect(observation.holds).toBe(true);
    expect(describeFiring(worse, observation)).toContain(`The mean error became worse ${sentence}`);
    expect(observation.segments?.()).toEqual([{ name: `x ${first}`, rows: 10, mae: 80 }]);
  });

  test("an alarm that was on and over between two looks is seen in each partition, once, also over a restart", () => {
    let activity = new Activity(undefined);
    const holds = (...rows: number[]) =>
      look(worse, laneFigures({ partitions: ALL, alarms: () => alarmsOf(...rows.map((row) => [false, row] as const)) }), { activity })
        .holds;
    expect([holds(5, 700), holds(5, 700), holds(5, 900), holds(6, 901), holds(6, 901)]).toEqual([false, false, true, true, false]);
    activity = new Activity(activity.save());
    expect([holds(6, 901), holds(7, 901)]).toEqual([false, true]);
  });

  test("an alarm that may be on in a partition that does not answer does not end", () => {
    const figures = (missing: readonly number[]) =>
      laneFigures({ partitions: { of: 4, missing }, alarms: () => alarmsOf([false, 0], [false, 0], [false, 0]) });
    expect(look(worse, figures([4])).holds).toBeUndefined();
    expect(look(worse, figures([])).holds).toBe(false);
  });

  test.each([
    [2 * HOUR, HOUR, true],
    [2 * HOUR, HOUR - 1, false],
    [HOUR - 1, 2 * HOUR, false],
    [undefined, HOUR - 1, false],
  ])("rows that came to any count: here %j ms ago, elsewhere %j: no rows %j", (here, elsewhere, holds) => {
    const figures = laneFigures({
      partitions: ALL,
      elsewhere: { lastAt: { y_true: undefined, y_pred: NOW - elsewhere }, model: "m@1" },
    });
    expect(look(rule("kind: no_rows, above: 1h"), figures, { activity: lastCame(here, here) }).holds).toBe(holds);
  });

  test("labels that came to any count", () => {
    const figures = laneFigures({ partitions: ALL, elsewhere: { lastAt: { y_true: NOW - 5, y_pred: NOW }, model: "m@1" } });
    expect(look(rule("kind: no_labels, above: 1h"), figures, { activity: lastCame(2 * HOUR, 0) }).holds).toBe(false);
  });
});

describe("No rows for an hour", () => {
  const of = rule("kind: no_rows, above: 1h");

  test.each([
    [HOUR - 1, HOUR - 1, false],
    [HOUR, 2 * HOUR, true],
    [2 * HOUR, HOUR - 1, false],
    [undefined, HOUR, true],
    [undefined, undefined, undefined],
  ])("with labels %j and predictions %j ms ago: %j", (labels, predictions, holds) => {
    expect(look(of, laneFigures(), { activity: lastCame(labels, predictions) }).holds).toBe(holds);
  });

  test("is not known in the first minute after a start: rows may wait in the queues", () => {
    const activity = lastCame(HOUR, HOUR);
    expect(look(of, laneFigures(), { activity, openedAt: NOW - 59_999 }).holds).toBeUndefined();
    expect(look(of, laneFigures(), { activity, openedAt: NOW - 60_000 }).holds).toBe(true);
  });

  test("says so", () => {
    const observation = look(of, laneFigures(), { activity: lastCame(HOUR, HOUR) });
    expect(describeFiring(of, observation)).toBe("No row came for 3600 s.");
    expect(describeResolved(of, observation)).toBe("Rows come again.");
  });
});

test.each([
  [2 * HOUR, 0, true],
  [2 * HOUR, HOUR, true],
  [2 * HOUR, HOUR + 1, false],
  [0, 2 * HOUR, false],
  [undefined, 0, undefined],
])("No labels for an hour, with labels %j and predictions %j ms ago: %j", (labels, predictions, holds) => {
  expect(look(rule("kind: no_labels, above: 1h"), laneFigures(), { activity: lastCame(labels, predictions) }).holds).toBe(holds);
});

describe("Dead letters within ten minutes", () => {
  const of = rule("kind: dead_letters, above: 2, window: 10m");
  const MINUTE = 60_000;

  /** Looks once a minute. @returns the growth at each look. */
  function growths(counts: readonly (number | undefined)[]) {
    const activity = new Activity(undefined);
    return counts.map((deadLetters, minute) => {
      const observation = observe(of, {
        figures: laneFigures({ deadLetters }),
        model: "",
        activity,
        now: NOW + minute * MINUTE,
        openedAt: NOW,
      });
      return [observation.holds, observation.value];
    });
  }

  test("are those that came, not those that were there", () => {
    expect(growths([7, 8, 10])).toEqual([
      [false, 0],
      [false, 1],
      [true, 3],
    ]);
  });

  test("are forgotten after ten minutes", () => {
    expect(growths([0, ...Array<number>(11).fill(5)]).map(([, growth]) => growth)).toEqual([0, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 0]);
  });

  test("that are sent again make no growth, and hide none that come then", () => {
    expect(growths([5, 0, 0]).map(([holds]) => holds)).toEqual([false, false, false]);
    expect(growths([100, 0, 0, 20])).toEqual([
      [false, 0],
      [false, 0],
      [false, 0],
      [true, 20],
    ]);
  });

  test("go on from what an earlier version saved", () => {
    const saved = { ...new Activity(undefined).save(), deadLetters: [{ rule: "r", samples: [{ at: NOW, messages: 7 }] }] };
    expect(new Activity(saved).deadLetterGrowth("r", 9, 600_000, NOW + MINUTE)).toBe(2);
  });

  test("are not known while the broker is away", () => {
    expect(growths([5, undefined, 9])).toEqual([
      [false, 0],
      [undefined, Number.NaN],
      [true, 4],
    ]);
  });

  test("keep few samples, also over a restart", () => {
    const activity = new Activity(undefined);
    for (let second = 0; second < 7_200; second += 1) activity.deadLetterGrowth("r", 0, 600_000, NOW + second * 1_000);
    const saved = activity.save();
    expect(saved.deadLetters[0]?.samples.length).toBeLessThanOrEqual(32);
    expect(new Activity(saved).deadLetterGrowth("r", 3, 600_000, NOW + 7_200_000)).toBe(3);
  });

  test("are described in words", () => {
    expect(describeFiring(of, { holds: true, value: 1, bound: 0, unit: "messages" })).toBe("1 message became a dead letter within 10m.");
  });
});
