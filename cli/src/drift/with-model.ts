import { readConfig } from "@streamgauge/core";
import { DatasetError as SourceError } from "@streamgauge/features";
import { ModelError, modelOptions, openModel, type OnnxModel } from "@streamgauge/model";
import { DatasetError } from "@streamgauge/training";
import { SETTINGS } from "../settings.js";

/** Opens a model for the columns of a file. If model or file cannot be used, it says so and the command exits 1. */
export async function withModel(path: string, dataset: string, use: (model: OnnxModel) => Promise<void>): Promise<void> {
  try {
    const config = readConfig(SETTINGS, process.env);
    const model = await openModel(path, await modelOptions(config, dataset));
    try {
      await use(model);
    } finally {
      await model.close();
    }
  } catch (error) {
    if (!(error instanceof ModelError || error instanceof DatasetError || error instanceof SourceError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
