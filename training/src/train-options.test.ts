import { describe, expect, it } from "vitest";
import { chooseFeatures, completeTrainOptions, type TrainOptions } from "./train-options.js";

const complete = (options: Omit<TrainOptions, "dataset">) => completeTrainOptions({ dataset: "rows.csv", ...options });

describe("completeTrainOptions", () => {
  it("fills in the defaults", () => {
    expect(complete({})).toEqual({
      dataset: "rows.csv",
      targetColumn: "target",
      kind: "linear",
      trees: 200,
      alpha: 0,
      holdOut: 0.2,
      seed: 1,
      fitOn: "all",
      units: {},
    });
  });

  it.each<[Omit<TrainOptions, "dataset">, string]>([
    [{ alpha: -1 }, "Training option alpha = -1: give a number of 0 or more."],
    [{ trees: 10 }, "Training option trees = 10: leave it out, or set kind to forest or boosting."],
    [{ kind: "forest", trees: 0 }, "Training option trees = 0: give a whole number from 1 to 10000."],
    [{ kind: "forest", alpha: 1 }, "Training option alpha = 1: leave it out: it is for a linear regression."],
    [{ holdOut: 1 }, "Training option holdOut = 1: give a share of 0 or more and below 1, such as 0.2."],
    [{ seed: 0.5 }, "Training option seed = 0.5: give a whole number."],
    [{ fitOn: "rest", holdOut: 0 }, "Training option holdOut = 0: to fit on the rest, hold out some rows, such as 0.2."],
    [{ features: ["a"], exclude: ["b"] }, 'Training option exclude = ["b"]: leave it out if features are listed.'],
  ])("refuses %j", (options, message) => {
    expect(() => complete(options)).toThrow(message);
  });
});

describe("chooseFeatures", () => {
  const header = ["id", "age", "bmi", "target"];
  const choose = (options: Omit<TrainOptions, "dataset">) => chooseFeatures(header, complete(options));

  it("takes every column but target, id and what is excluded, in the file's order", () => {
    expect(choose({})).toEqual(["id", "age", "bmi"]);
    expect(choose({ idColumn: "id" })).toEqual(["age", "bmi"]);
    expect(choose({ idColumn: "id", exclude: ["age"] })).toEqual(["bmi"]);
  });

  it("takes listed features in the order of the list", () => {
    expect(choose({ features: ["bmi", "age"], units: { bmi: "kg/m²" } })).toEqual(["bmi", "age"]);
  });

  it.each<[Omit<TrainOptions, "dataset">, string]>([
    [{ targetColumn: "y" }, 'Training option targetColumn = "y": name columns of the file: id, age, bmi, target.'],
    [{ idColumn: "key" }, 'Training option idColumn = "key": name columns of the file: id, age, bmi, target.'],
    [{ exclude: ["sex"] }, 'Training option exclude = ["sex"]: name columns of the file: id, age, bmi, target.'],
    [{ features: ["sex"] }, 'Training option features = ["sex"]: name columns of the file: id, age, bmi, target.'],
    [{ features: ["target"] }, 'Training option features = ["target"]: leave out the target target.'],
    [{ features: ["age", "age"] }, 'Training option features = ["age","age"]: name at least one feature, and each once.'],
    [{ exclude: ["id", "age", "bmi"] }, "Training option features = []: name at least one feature, and each once."],
    [{ exclude: ["id"], units: { id: "m" } }, 'Training option units = {"id":"m"}: give units to features only: age, bmi.'],
  ])("refuses %j", (options, message) => {
    expect(() => choose(options)).toThrow(message);
  });
});
