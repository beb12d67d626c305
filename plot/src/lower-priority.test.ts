import { spawnSync } from "node:child_process";
import { constants, getPriority } from "node:os";
import { builtFile } from "@streamgauge/testing";
import { expect, test } from "vitest";

const LOWEST = constants.priority.PRIORITY_LOW;

// The tests may have been started with a lower priority themselves.
test.each([0, 15])("a process that began %i lower goes on below normal, or as low as it is", (lower) => {
  const begun = Math.min(LOWEST, getPriority() + lower);
  const module = builtFile("plot/dist/lower-priority.js");
  const script = `import { getPriority } from "node:os"; import { lowerPriority } from ${JSON.stringify(module)}; lowerPriority(); console.log(getPriority());`;
  const { stdout, stderr } = spawnSync("nice", ["-n", String(lower), process.execPath, "--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  expect([stdout, stderr]).toEqual([`${Math.max(constants.priority.PRIORITY_BELOW_NORMAL, begun)}\n`, ""]);
});
