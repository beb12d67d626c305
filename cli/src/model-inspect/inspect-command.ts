import { lanesOf, readConfig } from "@streamgauge/core";
import { inspectModel, ModelError, modelOptions, type ModelInspection } from "@streamgauge/model";
import type { Command } from "commander";
import { formatInspection } from "./format-inspection.js";
import { SETTINGS, type AllConfig } from "../settings.js";
import { readFirstReference } from "./read-first-reference.js";

/** `streamgauge model inspect`: describes a model file, and whether and how it would be served. */
export function addModelCommand(program: Command): void {
  program
    .command("model")
    .description("look at models")
    .command("inspect")
    .description(
      "print what an ONNX file says of itself, whether and how it would be served, a sample prediction and its latency; exits 1 if it would be refused",
    )
    .argument("<file>", "the ONNX file")
    .option("--json", "print one JSON object")
    .action(async (path: string, { json }: { readonly json?: boolean }) => {
      const config = readConfig(SETTINGS, process.env);
      try {
        const inspection = await withFirstReference(await inspectModel(path, await modelOptions(config, config.DATASET_PATH)), config);
        process.stdout.write(json === true ? `${JSON.stringify(inspection)}\n` : formatInspection(inspection));
        if (inspection.served === undefined) process.exitCode = 1;
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

/** A model without a reference may have got one from the first rows that it scored. */
async function withFirstReference(inspection: ModelInspection, config: AllConfig): Promise<ModelInspection> {
  const { served } = inspection;
  if (served === undefined || served.reference !== undefined) return inspection;
  const reference = await readFirstReference(config.LOGS_DIR, lanesOf(config), `${served.name}@${served.version}`);
  return reference === undefined ? inspection : { ...inspection, served: { ...served, reference } };
}
