import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, it } from "vitest";
import { parseDataset } from "./read-dataset.js";
import { trainOn } from "./train.js";
import { completeTrainOptions } from "./train-options.js";
import { writeTraining } from "./write-training.js";

const dataset = parseDataset("rows.csv", Buffer.from("x,target\n1,2\n2,4\n3,7\n4,8\n"));
const fitted = (fitOn: "all" | "rest") => trainOn(dataset, completeTrainOptions({ dataset: "rows.csv", holdOut: 0.25, fitOn }));

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

it("writes model and held-out rows, makes directories, and leaves nothing else behind", async () => {
  const result = fitted("rest");
  writeTraining(result, { onnx: join(folder, "new", "model.onnx"), heldOutCsv: join(folder, "new", "unseen.csv") });
  expect((await readdir(join(folder, "new"))).sort()).toEqual(["model.onnx", "unseen.csv"]);
  expect(new Uint8Array(await readFile(join(folder, "new", "model.onnx")))).toEqual(result.onnx);
  expect(await readFile(join(folder, "new", "unseen.csv"), "utf8")).toBe(result.heldOutCsv);
});

it("refuses to write held-out rows that the model was fitted on, and writes nothing", async () => {
  const writing = () => writeTraining(fitted("all"), { onnx: join(folder, "model.onnx"), heldOutCsv: join(folder, "unseen.csv") });
  expect(writing).toThrow('Training option fitOn = "all": set it to "rest" to get held-out rows that the model has not seen.');
  expect(await readdir(folder)).toEqual([]);
});
