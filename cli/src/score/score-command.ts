import { once } from "node:events";
import { readConfig } from "@streamgauge/core";
import { DatasetError as SourceError } from "@streamgauge/features";
import { ModelError, modelOptions, openForServing } from "@streamgauge/model";
import { DatasetError } from "@streamgauge/training";
import type { Command } from "commander";
import { scoreFile } from "./score-file.js";
import { SETTINGS } from "../settings.js";

/** `streamgauge score`: predicts a whole file, with the code of the service. */
export function addScoreCommand(program: Command): void {
  program
    .command("score")
    .description("print the predictions of a CSV file as CSV: id,y_pred; exits 1 if the model or the data cannot be used")
    .argument("<model>", "the ONNX file")
    .argument("<data>", "CSV file with a header; a column named id holds the ids, otherwise rows are numbered from 1")
    .option("--target <column>", "column with the true value: adds y_true,absolute_error")
    .action(async (modelPath: string, dataPath: string, { target }: { readonly target?: string }) => {
      try {
        await runScore(modelPath, dataPath, target);
      } catch (error) {
        if (!(error instanceof ModelError || error instanceof DatasetError || error instanceof SourceError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

async function runScore(modelPath: string, dataPath: string, target: string | undefined): Promise<void> {
  const config = readConfig(SETTINGS, process.env);
  const out = process.stdout;
  let reading = true;
  out.on("error", (error: NodeJS.ErrnoException) => {
    // The reader of the output has gone, as `head` does.
    if (error.code !== "EPIPE") throw error;
    reading = false;
  });
  const columns = { TARGET_COLUMN: target ?? config.TARGET_COLUMN, ID_COLUMN: "id" };
  const model = await openForServing(modelPath, config.BATCH_ROWS, await modelOptions({ ...config, ...columns }, dataPath));
  try {
    for await (const lines of scoreFile(model, dataPath, target)) {
      if (!reading) break;
      if (!out.write(lines)) await Promise.race([once(out, "drain"), once(out, "close")]).catch(() => undefined);
    }
    // Printed at the end, so that a failure is a single line.
    for (const note of model.notes) process.stderr.write(`Model ${model.name}: ${note}.\n`);
  } finally {
    await model.close();
  }
}
