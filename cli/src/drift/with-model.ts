import { readConfig } from "@streamgauge/core";
import { DatasetError as SourceError } from "@streamgauge/features";
import { ModelError, modelOptions, openModel, type OnnxModel } from "@streamgauge/model";
import { DatasetError } from "@streamgauge/training";
import { SETTINGS } from "../settings.js";

/** Opens a model for the columns of a file, and closes it at the end. @throws what `isUnusable` knows, if model or file cannot be used. */
export async function withModel<T>(path: string, dataset: string, use: (model: OnnxModel) => Promise<T>): Promise<T> {
  const config = readConfig(SETTINGS, process.env);
  const model = await openModel(path, await modelOptions(config, dataset));
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

/** Whether a model or a file cannot be used: the message says what to do. */
export function isUnusable(error: unknown): error is Error {
  return error instanceof ModelError || error instanceof DatasetError || error instanceof SourceError;
}
