import { referenceHash, referenceOf } from "@streamgauge/core";
import { writeReference, type OnnxModel } from "@streamgauge/model";
import type { Command } from "commander";
import { sampledRows } from "./sampled-rows.js";
import { isUnusable, withModel } from "./with-model.js";

/** `streamgauge reference`: says what a foreign model's features and predictions looked like where it was made. */
export function addReferenceCommand(program: Command): void {
  program
    .command("reference")
    .description(
      "write what the rows that a model was fitted on look like, by bins, into the JSON file beside it, for streamgauge drift; " +
        "models of streamgauge train have it inside",
    )
    .argument("<model>", "the ONNX file")
    .argument("<data>", "CSV file with a header and the model's features: the rows that it was fitted on")
    .action(async (path: string, data: string) => {
      try {
        process.stdout.write(await withModel(path, data, (model) => writtenReference(model, path, data)));
      } catch (error) {
        if (!isUnusable(error)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

async function writtenReference(model: OnnxModel, path: string, data: string): Promise<string> {
  const { columns, yPred, rows } = await sampledRows(model, data);
  const reference = referenceOf(yPred.length, columns, yPred);
  const written = await writeReference(path, reference);
  const sample = rows === yPred.length ? "" : ` (a sample of ${rows.toLocaleString("en")})`;
  const features = Object.keys(reference.features).length;
  return `${written}: ${yPred.length.toLocaleString("en")} rows${sample}, ${features} features and y_pred, sha256 ${referenceHash(reference)}\n`;
}
