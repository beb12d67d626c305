import { ErrorWindow } from "@streamgauge/core/windows";
import { asDelivered, errorChangeOf, labelOne } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { parseRules } from "../rules/read-rules.js";
import { readAnswer, writeAnswer, type FiguresAnswer } from "./figures-answer.js";
import { neededBy, readQuestion, writeQuestion, type FiguresQuestion } from "./figures-question.js";

const RULES = `rules:
  - {name: a, kind: mae, above: 1, window: 1h}
  - {name: b, kind: label_lag, above: 1m, window: 1h}
  - {name: c, kind: coverage, below: 0.9, window: 1h, after: 2h}
  - {name: d, kind: drift}
  - {name: e, kind: dead_letters, above: 1, window: 10m}
  - {name: f, kind: no_rows, above: 1h}
`;
/** 2026-01-31T12:34:56Z */
const WATERMARK = Date.UTC(2026, 0, 31, 12, 34, 56);
const at = (hour: number, minute: number, day = 31) => Date.UTC(2026, 0, day, hour, minute);

const QUESTION: FiguresQuestion = {
  lane: "champion",
  of: 4,
  round: "r1",
  model: "m@1",
  watermark: WATERMARK,
  spans: [{ size: "1m", from: at(11, 35), to: at(12, 35) }],
  driftFrom: [at(13, 0, 30)],
};

describe("A question", () => {
  test("asks for each span of time once, and for the hours of drift", () => {
    expect(neededBy(parseRules(RULES, "rules.yaml"), WATERMARK)).toEqual({
      watermark: WATERMARK,
      spans: [
        { size: "1m", from: at(11, 35), to: at(12, 35) },
        { size: "1m", from: at(9, 34), to: at(10, 34) },
      ],
      driftFrom: [at(13, 0, 30)],
    });
  });

  test("asks for no figures before the first row", () => {
    expect(neededBy(parseRules(RULES, "rules.yaml"), -Infinity)).toEqual({ watermark: null, spans: [], driftFrom: [] });
  });

  test("is read as it was written", () => {
    expect(readQuestion(asDelivered(writeQuestion(QUESTION)))).toEqual(QUESTION);
  });

  test("that this version does not know is passed over", () => {
    const message = asDelivered(writeQuestion(QUESTION));
    expect(readQuestion({ ...message, type: "windows" })).toBeUndefined();
    expect(readQuestion({ ...message, body: Buffer.from("nonsense") })).toBeUndefined();
    expect(readQuestion({ ...message, body: Buffer.from(JSON.stringify({ ...QUESTION, spans: [{ size: "2m", from: 0, to: 1 }] })) })).toBe(
      undefined,
    );
  });
});

describe("An answer", () => {
  const window = new ErrorWindow("1m", 0);
  window.predict(0, 0);
  labelOne(window, { yTrue: 10, yPred: Infinity, lagMs: 1_500, model: "m@1", tenth: 0 });
  const ANSWER: FiguresAnswer = {
    lane: "champion",
    partition: 2,
    round: "r1",
    watermark: null,
    model: "m@1",
    unit: "mg/dl",
    lastAt: { y_true: 7, y_pred: null },
    alarms: [
      {
        kind: "worse",
        isOn: true,
        raisedAtRow: 7,
        meanBefore: null,
        meanSince: 48,
        change: errorChangeOf({ mean_before: null, mean_since: 48 }),
        segments: [{ name: "x", rows: 1, mae: null }],
      },
    ],
    drift: [{ layout: "0cba33ef67f1 n23 y23", hours: 1, rows: 3, bins: [0, 3] }, null],
    windows: [window.save()],
  };

  test("is read as it was written, also of numbers that JSON has not", () => {
    expect(readAnswer(asDelivered(writeAnswer(ANSWER)))).toEqual(ANSWER);
  });

  test("that this version does not know is passed over", () => {
    const message = asDelivered(writeAnswer(ANSWER));
    expect(readAnswer({ ...message, type: "windows" })).toBeUndefined();
    expect(readAnswer({ ...message, body: Buffer.from(JSON.stringify({ ...ANSWER, windows: [{ version: 99 }] })) })).toBeUndefined();
  });
});
