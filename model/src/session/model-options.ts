import { open, stat } from "node:fs/promises";
import { CsvRefusedError, readCsvHeader } from "@streamgauge/core";
import type { ModelConfig } from "../settings.js";
import type { OpenModelOptions } from "./onnx-model.js";

type ModelSettings = Pick<ModelConfig, "FEATURES" | "OUTPUT" | "ALLOW_MISSING" | "TARGET_COLUMN" | "ID_COLUMN" | "TIME_COLUMN">;

/** A header is within so many bytes. */
const MAX_HEADER_BYTES = 1 << 20;

/**
 * How the settings want a model opened.
 *
 * @param datasetPath - whose columns are taken in their order, if nothing else names the model's; empty if none is
 * known. An unreadable one counts as none: the reader of its rows reports it.
 */
export async function modelOptions(settings: ModelSettings, datasetPath: string): Promise<OpenModelOptions> {
  const { FEATURES, OUTPUT, ALLOW_MISSING, TARGET_COLUMN, ID_COLUMN, TIME_COLUMN } = settings;
  const special = [TARGET_COLUMN, ID_COLUMN, TIME_COLUMN];
  const header = datasetPath === "" ? undefined : await headerOf(datasetPath);
  return {
    ...(FEATURES.length === 0 ? {} : { features: FEATURES }),
    ...(header === undefined ? {} : { dataset: header.filter((name) => !special.includes(name)) }),
    ...(OUTPUT === "" ? {} : { output: OUTPUT }),
    allowMissing: ALLOW_MISSING,
  };
}

/** The names of a CSV file's columns; undefined if they cannot be read. */
async function headerOf(path: string): Promise<readonly string[] | undefined> {
  try {
    // A pipe is not opened: its writer would be gone by the time its rows are read.
    if (!(await stat(path)).isFile()) return undefined;
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_HEADER_BYTES), 0, MAX_HEADER_BYTES, 0);
      return readCsvHeader(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CsvRefusedError || (error instanceof Error && "syscall" in error)) return undefined;
    throw error;
  }
}
