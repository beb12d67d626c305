import { expect, test } from "vitest";
import { defaultModelPath } from "./default-model-path.js";
import { openForServing } from "./open-for-serving.js";
import { openModel } from "./open-model.js";
import { ThreadedModel } from "./threaded-model.js";

const ROWS = 3;
/** The first three rows of the diabetes study, in columns. */
const COLUMNS = [
  [59, 48, 72],
  [2, 1, 2],
  [32.1, 21.6, 30.5],
  [101, 87, 93],
  [157, 183, 156],
  [93.2, 103.2, 93.6],
  [38, 70, 41],
  [4, 3, 4],
  [4.8598, 3.8918, 4.6728],
  [87, 69, 85],
].map((column) => Float64Array.from(column));

test("a quick model answers on the event loop", async () => {
  const model = await openForServing(defaultModelPath, 256);
  expect(model).not.toBeInstanceOf(ThreadedModel);
  await model.close();
});

test("a model in a thread of its own gives the same answers and the same names", async () => {
  const here = await openModel(defaultModelPath);
  const there = await ThreadedModel.open(defaultModelPath);
  expect({ name: there.name, version: there.version, features: there.features, unit: there.targetUnit }).toEqual({
    name: here.name,
    version: here.version,
    features: here.features,
    unit: here.targetUnit,
  });
  const answers = await Promise.all([there.predict(ROWS, COLUMNS), there.predict(1, COLUMNS)]);
  expect([...answers[0]]).toEqual([...(await here.predict(ROWS, COLUMNS))]);
  expect(answers[1]).toHaveLength(1);
  expect(answers[1][0]).toBeCloseTo(206.11667724510562, 3);
  // The caller's columns are its own again: they were copied, not handed over.
  expect(COLUMNS[0]).toHaveLength(ROWS);
  await Promise.all([here.close(), there.close()]);
});

test("the event loop goes on while a model in a thread of its own is at work", async () => {
  const model = await ThreadedModel.open(defaultModelPath);
  const rows = 200_000;
  const many = COLUMNS.map((column) => new Float64Array(rows).fill(column[0] ?? 0));
  const order: string[] = [];
  const answered = model.predict(rows, many).then(() => order.push("answered"));
  await new Promise((resolve) => setImmediate(resolve));
  order.push("event loop");
  await answered;
  expect(order).toEqual(["event loop", "answered"]);
  await model.close();
});

test("what is wrong with the file is said by the thread as well", async () => {
  await expect(ThreadedModel.open("/nowhere/model.onnx")).rejects.toThrow("/nowhere/model.onnx");
});

test("columns that do not fit are refused, and the next call is answered", async () => {
  const model = await ThreadedModel.open(defaultModelPath);
  await expect(model.predict(ROWS, COLUMNS.slice(1))).rejects.toThrow("9 columns");
  expect(await model.predict(ROWS, COLUMNS)).toHaveLength(ROWS);
  await model.close();
});
