import { describe, expect, test } from "vitest";
import { loadRequest } from "./load-request.js";

/** Of scikit-learn, for the first two rows of the study and the last. */
const [FIRST, SECOND, LAST] = [206.1167, 68.071, 53.448];

describe("predictions", () => {
  const request = loadRequest("predictions");

  test("have an id and the features of a row of the study, round and round", () => {
    const features = { age: 59, sex: 2, bmi: 32.1, bp: 101, s1: 157, s2: 93.2, s3: 38, s4: 4, s5: 4.8598, s6: 87 };
    expect(JSON.parse(request.body(0, "a"))).toEqual({ id: "a", features });
    expect(JSON.parse(request.body(442, "b"))).toEqual({ id: "b", features });
  });

  test.each([
    ["the prediction of its row", 1, "a", SECOND, true],
    ["that of another row", 1, "a", FIRST, false],
    ["that of another request", 1, "b", SECOND, false],
    ["no prediction", 1, "a", undefined, false],
  ])("with %s", (_, n, id, value, isRight) => {
    expect(request.isRight(JSON.stringify({ id, y_pred: value }), n, "a")).toBe(isRight);
  });
});

describe("inference of 256 rows", () => {
  const request = loadRequest("infer-256");

  test("has one tensor of 256 rows and 10 features, from each row of the study on", () => {
    const { id, inputs } = JSON.parse(request.body(441, "a"));
    expect([id, inputs[0].shape, inputs[0].data.length]).toEqual(["a", [256, 10], 2_560]);
    // The last row of the study, then its first.
    expect(inputs[0].data.slice(0, 11)).toEqual([36, 1, 19.6, 71, 250, 133.2, 97, 3, 4.5951, 92, 59]);
  });

  test("is right if each value is", () => {
    const one = loadRequest("infer-1");
    expect(one.isRight(JSON.stringify({ id: "a", outputs: [{ data: [LAST] }] }), 441, "a")).toBe(true);
    expect(one.isRight(JSON.stringify({ id: "a", outputs: [{ data: [FIRST] }] }), 441, "a")).toBe(false);
    expect(request.isRight(JSON.stringify({ id: "a", outputs: [{ data: [LAST] }] }), 441, "a")).toBe(false);
    expect(request.isRight(JSON.stringify({ error: "away" }), 441, "a")).toBe(false);
  });
});
