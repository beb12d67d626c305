import { readConfig, referenceHash, type Reference } from "@streamgauge/core";
import type { Command } from "commander";
import { NoVersionError } from "../known-version.js";
import { NoStateError } from "../lane-state.js";
import { SETTINGS } from "../settings.js";
import { rangeOptions } from "../windows/window-options.js";
import { driftTable, driftText, verdictOf } from "./drift-text.js";
import { NoDriftError, readDrift } from "./read-drift.js";
import { driftsOf, type FeatureDrift } from "./feature-drift.js";
import { sampledRows } from "./sampled-rows.js";
import { withModel } from "./with-model.js";

interface DriftOptions {
  readonly lane: string;
  readonly model?: string;
  readonly from?: number;
  readonly to?: number;
  readonly json?: boolean;
}

/** `streamgauge drift`: whether rows still look like those that a model was made with. */
export function addDriftCommand(program: Command): void {
  rangeOptions(program.command("drift"))
    .description(
      "compare rows with a model's reference, feature by feature; exits 1 if one of them has drifted. With a model and a CSV file, those rows; " +
        "without, the rows that were predicted, by hour of event time, from the state in LOGS_DIR, while metrics runs or when it does not",
    )
    .argument("[model]", "the ONNX file, with a reference inside or beside it")
    .argument("[data]", "CSV file with a header and the model's features")
    .option("--model <version>", "of the rows that were predicted: a model version; default: that of the latest hour")
    .option("--json", "print one JSON object, without a file as GET /drift of the gateway")
    .action((path: string | undefined, data: string | undefined, options: DriftOptions) => {
      if (path === undefined) return ofService(options);
      if (data !== undefined) return ofFile(path, data, options);
      process.stderr.write(
        "Name the CSV file whose rows are to be compared, or leave the model out: then it is the rows that were predicted.\n",
      );
      process.exitCode = 1;
      return Promise.resolve();
    });
}

function ofFile(path: string, data: string, { json }: DriftOptions): Promise<void> {
  return withModel(path, data, async (model) => {
    const { reference } = model;
    if (reference === undefined) {
      process.stderr.write(
        `${path} has no reference: write one with streamgauge reference ${path} DATA.csv, from the rows that the model was fitted on.\n`,
      );
      process.exitCode = 1;
      return;
    }
    const { columns, yPred } = await sampledRows(model, data);
    const drifts = driftsOf(reference, columns, yPred);
    process.stdout.write(
      json === true ? `${JSON.stringify(asJson(reference, yPred.length, drifts))}\n` : asText(reference, yPred.length, drifts),
    );
    if (drifts.some(({ drifted }) => drifted)) process.exitCode = 1;
  });
}

async function ofService({ lane, model, from = -Infinity, to = Infinity, json }: DriftOptions): Promise<void> {
  const { LOGS_DIR } = readConfig(SETTINGS, process.env);
  try {
    const drift = await readDrift(LOGS_DIR, { lane, model, from, to });
    process.stdout.write(json === true ? `${JSON.stringify({ drift })}\n` : driftText(drift));
    if (drift.hours.some(({ features }) => features.some(({ drifted }) => drifted))) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof NoStateError || error instanceof NoDriftError || error instanceof NoVersionError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

function asJson(reference: Reference, rows: number, drifts: readonly FeatureDrift[]) {
  return { reference: { rows: reference.rows, sha256: referenceHash(reference) }, rows, features: drifts };
}

function asText(reference: Reference, rows: number, drifts: readonly FeatureDrift[]): string {
  const about = `${rows.toLocaleString("en")} rows beside the ${reference.rows.toLocaleString("en")} of the reference ${referenceHash(reference)}.`;
  return `${driftTable(drifts)}\n\n${about} ${verdictOf(drifts)}\n`;
}
