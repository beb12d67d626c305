// `node scripts/example-models.mjs`: fits the models of the data sets with times anew, into model/assets/.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
await prepare();
const { exampleModels, formatReport, train, writeTraining } = await import("../training/dist/index.js");
const folder = mkdtempSync(join(tmpdir(), "streamgauge-examples-"));
for (const { name, options, trainingPart } of exampleModels) {
  const dataset = join(folder, `${name}.csv`);
  writeFileSync(dataset, trainingPart(readFileSync(join(root, `features/assets/${name}.csv`), "utf8")));
  const result = await train({ dataset, ...options });
  writeTraining(result, { onnx: join(root, `model/assets/${name}.onnx`) });
  process.stdout.write(`${formatReport(result.report)}\n`);
}
rmSync(folder, { recursive: true });
