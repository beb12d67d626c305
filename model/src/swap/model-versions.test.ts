import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test } from "vitest";
import { modelVersions } from "./model-versions.js";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

test("a file stands for itself, and nothing for nothing", async () => {
  const path = join(folder, "m.onnx");
  expect(await modelVersions(path)).toEqual([]);
  writeFileSync(path, "m");
  expect(await modelVersions(path)).toMatchObject([{ path }]);
});

test("of a folder the greatest name comes first, as people count", async () => {
  for (const name of ["v9.onnx", "v10.onnx", "v2.onnx", "readme.md", ".v99.onnx", "v11.onnx.tmp"]) writeFileSync(join(folder, name), "m");
  mkdirSync(join(folder, "v12"));
  writeFileSync(join(folder, "v12", "model.onnx"), "m");
  mkdirSync(join(folder, "v13"));
  const versions = await modelVersions(folder);
  expect(versions.map(({ path }) => path.slice(folder.length + 1))).toEqual(["v12/model.onnx", "v10.onnx", "v9.onnx", "v2.onnx"]);
});

test("the mark changes when the file, or what lies beside it for it, is written or replaced", async () => {
  const path = join(folder, "m.onnx");
  const marks: (string | undefined)[] = [];
  const look = async () => void marks.push((await modelVersions(path))[0]?.mark);
  writeFileSync(path, "one");
  await look();
  await look();
  writeFileSync(path, "three");
  await look();
  writeFileSync(join(folder, "new"), "three");
  renameSync(join(folder, "new"), path);
  await look();
  writeFileSync(join(folder, "m.json"), "{}");
  await look();
  writeFileSync(join(folder, "m.onnx.data"), "x");
  await look();
  writeFileSync(join(folder, "other.json"), "{}");
  await look();
  expect(marks[1]).toBe(marks[0]);
  expect(new Set(marks).size).toBe(5);
  expect(marks[6]).toBe(marks[5]);
});
