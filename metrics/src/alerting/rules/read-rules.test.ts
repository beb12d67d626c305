import { CHAMPION, ConfigError } from "@streamgauge/core";
import { describe, expect, test } from "vitest";
import { durationOf, durationText } from "./duration.js";
import { defaultRules, parseRules, rulesOfLane } from "./read-rules.js";

/** The mistakes that a file is refused with. */
function problemsOf(text: string): readonly string[] {
  try {
    parseRules(text, "rules.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("A file of rules", () => {
  test("in YAML has defaults for what it does not say", () => {
    expect(parseRules("rules:\n  - name: mae-high\n    kind: mae\n    above: 50\n", "rules.yaml")).toEqual([
      {
        name: "mae-high",
        kind: "mae",
        severity: "warning",
        lanes: undefined,
        forMs: 0,
        keepFiringForMs: 300_000,
        above: 50,
        windowMs: 3_600_000,
        leastRows: 30,
      },
    ]);
  });

  test("on drift looks at all features over a day unless it says so", () => {
    const [all, few] = parseRules(
      "rules: [{name: a, kind: drift}, {name: b, kind: drift, features: [bmi, y_pred], window: 7d, least_rows: 50}]",
      "rules.yaml",
    );
    expect(all).toMatchObject({ kind: "drift", features: undefined, windowMs: 86_400_000, leastRows: 200 });
    expect(few).toMatchObject({ kind: "drift", features: ["bmi", "y_pred"], windowMs: 604_800_000, leastRows: 50 });
  });

  test.each([
    ["window: 90m", 'window: must be whole hours, from 1h to 7d (it is "90m"); write for instance window: 1d.'],
    ["window: 8d", 'window: must be whole hours, from 1h to 7d (it is "8d"); write for instance window: 1d.'],
    ["features: bmi", 'features: must be a list of one or more features (it is "bmi"); write for instance features: [bmi, y_pred].'],
    ["features: []", "features: must be a list of one or more features (it is an array); write for instance features: [bmi, y_pred]."],
  ])("with a rule on drift and %s is refused", (field, problem) => {
    expect(problemsOf(`rules: [{name: moved, kind: drift, ${field}}]`)).toEqual([`rules.yaml, rule "moved", field ${problem}`]);
  });

  test("in JSON sets everything", () => {
    const rule = {
      name: "labels-late",
      kind: "coverage",
      severity: "critical",
      lanes: ["challenger"],
      for: "5m",
      keep_firing_for: "1h",
      below: 0.9,
      window: "1d",
      after: "12h",
      least_rows: 1000,
    };
    expect(parseRules(JSON.stringify({ rules: [rule] }), "rules.json")).toEqual([
      {
        name: "labels-late",
        kind: "coverage",
        severity: "critical",
        lanes: ["challenger"],
        forMs: 300_000,
        keepFiringForMs: 3_600_000,
        below: 0.9,
        windowMs: 86_400_000,
        afterMs: 43_200_000,
        leastRows: 1_000,
      },
    ]);
  });

  test("may be without a rule: then there is no alert", () => {
    expect(parseRules("rules: []", "rules.yaml")).toEqual([]);
  });

  test("has all of its mistakes reported at once, each with file, rule, field and what to do", () => {
    const text = `
rules:
  - name: mae-high
    kind: mae
    above: fifty
    window: 10 minutes
  - name: MAE
    kind: rmse
    above: 1
    bound: 3
  - kind: mean
    name: mean-high
  - just words
  - name: rows
    kind: no_rows
  - name: short
    kind: no_rows
    above: 10ms
    severity: high
    lanes: champion
  - name: late
    kind: label_lag
    above: 2h
    window: 1h
`;
    expect(problemsOf(text)).toEqual([
      'rules.yaml, rule "mae-high", field above: must be a number of 0 or more (it is "fifty"); write for instance above: 50.',
      'rules.yaml, rule "mae-high", field window: must be a time in ms, s, m, h or d (it is "10 minutes"); write for instance window: 1h.',
      'rules.yaml, rule "MAE", field bound: is not known for the kind rmse; it has kind, name, severity, lanes, for, keep_firing_for, above, window, least_rows.',
      'rules.yaml, rule "MAE", field name: must have at most 64 small letters, digits, - and _, a letter first (it is "MAE"); write for instance name: mae-high.',
      'rules.yaml, rule "mean-high", field kind: must be one of bias, coverage, dead_letters, drift, error_alarm, interval_coverage, label_lag, mae, no_labels, no_rows, p95, rmse (it is "mean").',
      'rules.yaml, rule 4: must be an object with name and kind (it is "just words").',
      'rules.yaml, rule "rows", field above: is missing; write for instance above: 1h.',
      'rules.yaml, rule "short", field severity: must be info, warning or critical (it is "high"); write for instance severity: warning.',
      'rules.yaml, rule "short", field lanes: must be a list of one or more lanes (it is "champion"); write for instance lanes: [champion].',
      'rules.yaml, rule "short", field above: is too short (it is "10ms"); write for instance above: 1h.',
      'rules.yaml, rule "late", field window: is 1h, and rows that are 1h old have no labels that came later: write more than the 2h of above.',
    ]);
  });

  test.each([
    ["rules: [", /^rules\.yaml is neither YAML nor JSON: .* line 1/],
    ["- mae", /^rules\.yaml must have a list named rules: see docs\/alerts\.md\.$/],
    ["", /^rules\.yaml must have a list named rules/],
    ["rules: []\nreceivers: []", /^rules\.yaml has "receivers", which is not known: it has rules alone\.$/],
    ["rules:\n  - {name: a, name: b}", /^rules\.yaml is neither YAML nor JSON: .*unique/],
    [
      "rules:\n  - {name: a, kind: no_rows, above: 1h}\n  - {name: a, kind: no_labels, above: 1h}",
      /^rules\.yaml, rule "a": there are two of that name; name each rule once\.$/,
    ],
    [
      `rules: [${Array.from({ length: 101 }, (_, i) => `{name: r${i}, kind: no_rows, above: 1h}`).join()}]`,
      /^rules\.yaml has 101 rules: write at most 100\.$/,
    ],
  ])("such as %j is refused", (text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });

  test("whose aliases would grow without an end is refused", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefghi".split("").map((key, i) => `${key}: &${key} [${Array(9).fill(`*${"abcdefgh"[i]}`).join()}]`),
    ].join("\n");
    expect(problemsOf(bomb)).toEqual([expect.stringMatching(/^rules\.yaml cannot be used: Excessive alias count/)]);
  });
});

describe("The default rules", () => {
  test("watch the error, dead letters and silence, and need no bound in the target's unit", () => {
    expect(defaultRules().map(({ name, kind, severity }) => `${name} ${kind} ${severity}`)).toEqual([
      "error-worse error_alarm critical",
      "error-better error_alarm warning",
      "dead-letters dead_letters warning",
      "no-rows no_rows warning",
      "no-labels no_labels warning",
    ]);
  });

  test("watch the dead letters once, in the champion's lane", () => {
    const names = (lane: string) => rulesOfLane(defaultRules(), lane).map(({ name }) => name);
    expect(names(CHAMPION)).toHaveLength(5);
    expect(names("challenger")).toEqual(["error-worse", "error-better", "no-rows", "no-labels"]);
  });
});

test("A rule watches the lanes that it names", () => {
  const rules = parseRules("rules: [{name: a, kind: no_rows, above: 1h, lanes: [challenger]}]", "rules.yaml");
  expect([rulesOfLane(rules, CHAMPION).length, rulesOfLane(rules, "challenger").length]).toEqual([0, 1]);
});

test.each([
  ["250ms", 250],
  ["30s", 30_000],
  ["5m", 300_000],
  ["1.5h", 5_400_000],
  ["7d", 604_800_000],
  ["0s", 0],
  ["5", undefined],
  ["-5m", undefined],
  ["5 min", undefined],
  ["4000d", undefined],
])("The time %s is %j ms", (text, ms) => {
  expect(durationOf(text)).toBe(ms);
});

test.each([
  [0, "0ms"],
  [1_500, "1500ms"],
  [90_000, "90s"],
  [5_400_000, "90m"],
  [3_600_000, "1h"],
  [172_800_000, "2d"],
])("%j ms is written as %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
