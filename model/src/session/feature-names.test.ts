import { describe, expect, it, test } from "vitest";
import { featureNames, type NameSources } from "./feature-names.js";
import type { InputPlan, PlannedInput } from "./input-plan.js";

const written = (text: string) => new Map([["streamgauge.features", text]]);
const silent = new Map<string, string>();

function input(name: string, width: number | undefined): PlannedInput {
  return { name, type: "float32", kind: "number", hasBatch: true, sizes: [width ?? ""], width };
}

function plan(...inputs: readonly PlannedInput[]): InputPlan {
  return { inputs, unneeded: [], batch: undefined };
}

const matrix = (width?: number) => plan(input("X", width));
const find = (of: InputPlan, sources: Partial<NameSources>) => featureNames("m.onnx", of, { metadata: silent, ...sources });
const features = (of: InputPlan, sources: Partial<NameSources>) => find(of, sources).features;

describe("the features of a matrix", () => {
  it("are named by the file, or by the configuration if the file names none", () => {
    expect(features(matrix(2), { metadata: written('["a","b"]') })).toEqual(["a", "b"]);
    expect(features(matrix(), { metadata: written('["a","b"]'), configured: ["a", "b"], dataset: ["b", "a"] })).toEqual(["a", "b"]);
    expect(features(matrix(2), { configured: ["a", "b"] })).toEqual(["a", "b"]);
  });

  it("are the dataset's columns in their order, if they are as many, and that is said", () => {
    expect(find(matrix(3), { dataset: ["c", "a", "b"] })).toEqual({
      features: ["c", "a", "b"],
      notes: ["neither the file, model.json beside it nor FEATURES names its columns: it is given the dataset's in their order, c, a, b"],
    });
    expect(features(matrix(), { dataset: ["c", "a"] })).toEqual(["c", "a"]);
    expect(features(matrix(1), { dataset: ["size"] })).toEqual(["size"]);
  });

  it("is named by its input if there is one only, and no dataset is known", () => {
    expect(find(matrix(1), {})).toEqual({ features: ["X"], notes: [] });
  });

  it.each<[InputPlan, Partial<NameSources>, string, string]>([
    [
      matrix(2),
      { metadata: written('["a","b"]'), configured: ["b", "a"] },
      "feature-names",
      "the file names its features a, b, the configuration b, a",
    ],
    [matrix(2), {}, "feature-names", "the file does not name the 2 columns of its input"],
    [
      matrix(2),
      { dataset: ["a", "b", "c"] },
      "feature-names",
      "the file does not name the 2 columns of its input, and the dataset has 3 beside target and id: a, b, c",
    ],
    [matrix(2), { dataset: ["a;b"] }, "feature-names", "the dataset's header is one cell, a;b"],
    [matrix(3), { metadata: written('["a","b"]') }, "feature-names", "the input has 3 columns, and 2 features are named: a, b"],
    [matrix(2), { metadata: written("a, b") }, "metadata", "the metadata streamgauge.features is a, b"],
    [matrix(2), { metadata: written('["a","a"]') }, "metadata", 'the metadata streamgauge.features is ["a","a"]'],
    [matrix(1), { metadata: written('{"a":1}') }, "metadata", 'the metadata streamgauge.features is {"a":1}'],
    [matrix(), { metadata: written("[]") }, "metadata", "the metadata streamgauge.features is []"],
  ])("are refused: %j, %j", (of, sources, reason, problem) => {
    expect(() => find(of, sources)).toThrow(expect.objectContaining({ name: "ModelError", path: "m.onnx", reason, problem }));
  });
});

test("a dataset with more columns: its target and its ids may be among them, and how to name them is said", () => {
  expect(() => find(plan(input("X", 2)), { dataset: ["a", "b", "price"] })).toThrow(
    "TARGET_COLUMN (for score: --target) and ID_COLUMN leave out the target and the ids.",
  );
});

describe("the features of one input a column", () => {
  const columns = plan(input("age", 1), input("sex", 1), input("bmi", 1));

  it("have the names of the inputs, whatever the order of others", () => {
    expect(features(columns, {})).toEqual(["age", "sex", "bmi"]);
    expect(features(columns, { dataset: ["bmi", "note", "sex", "age"] })).toEqual(["age", "sex", "bmi"]);
    expect(features(columns, { configured: ["bmi", "age", "sex"] })).toEqual(["age", "sex", "bmi"]);
  });

  it("may be given other names, at the inputs' places", () => {
    expect(features(columns, { configured: ["age", "sex", "body_mass"] })).toEqual(["age", "sex", "body_mass"]);
    expect(() => find(columns, { configured: ["sex", "age", "body_mass"] })).toThrow(
      "Model m.onnx: the inputs are age, sex, bmi, and the features are named sex, age, body_mass.",
    );
    expect(() => find(columns, { configured: ["age", "sex"] })).toThrow(
      "the inputs are age, sex, bmi, and the features are named age, sex",
    );
  });

  it("are found if the dataset spells them a little differently, and that is said", () => {
    expect(find(columns, { dataset: ["BMI", "sex", "Age "] })).toEqual({
      features: ["Age ", "sex", "BMI"],
      notes: ["inputs are found in the dataset by names that are spelled alike: Age  for age, BMI for bmi"],
    });
  });

  it("are the dataset's in their order if it has none of the names", () => {
    expect(features(columns, { dataset: ["x", "y", "z"] })).toEqual(["x", "y", "z"]);
  });

  it("keep their names if the dataset has only some of them: one is missing there, and no other stands for it", () => {
    expect(features(columns, { dataset: ["age", "sex", "height"] })).toEqual(["age", "sex", "bmi"]);
  });
});

describe("the features of a matrix beside single columns", () => {
  const mixed = plan(input("numbers", 2), input("city", 1));

  it("are the dataset's other columns in their order", () => {
    expect(features(mixed, { dataset: ["a", "city", "b"] })).toEqual(["a", "b", "city"]);
  });

  it("are named altogether, in the order of the inputs", () => {
    expect(features(mixed, { configured: ["a", "b", "city"] })).toEqual(["a", "b", "city"]);
    expect(() => find(mixed, {})).toThrow("the file does not name the 3 columns of its input");
  });
});
