import { spawnSync } from "node:child_process";
import { builtFile } from "@streamgauge/testing";
import { expect, test } from "vitest";

test.each([
  [0, 10],
  [15, 15],
])("a process that began with the niceness %i goes on with %i", (begun, expected) => {
  const module = builtFile("plot/dist/lower-priority.js");
  const script = `import { getPriority } from "node:os"; import { lowerPriority } from ${JSON.stringify(module)}; lowerPriority(); console.log(getPriority());`;
  const { stdout, stderr } = spawnSync("nice", ["-n", String(begun), process.execPath, "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect([stdout, stderr]).toEqual([`${expected}\n`, ""]);
});
