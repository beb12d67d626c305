import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtFile } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { exampleModels } from "./example-models.js";
import { train } from "./train.js";

const ROWS = { "air-quality": 2_159, "bike-sharing": 8_645 };

test.each(exampleModels)(
  "the model $name is what training on its part of the data gives, byte for byte",
  async ({ name, options, trainingPart }) => {
    const dataset = join(temporaryFolder(), "part.csv");
    await writeFile(dataset, trainingPart(await readFile(builtFile(`features/assets/${name}.csv`), "utf8")));
    const { onnx, report } = await train({ dataset, ...options });
    expect(report.rows).toBe(Object.entries(ROWS).find(([known]) => known === name)?.[1]);
    expect(Buffer.from(onnx).equals(await readFile(builtFile(`model/assets/${name}.onnx`)))).toBe(true);
  },
);
