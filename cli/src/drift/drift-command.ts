import { inspect } from "node:util";
import { readConfig, referenceHash, type Reference } from "@streamgauge/core";
import type { Command } from "commander";
import { NoVersionError } from "../known-version.js";
import { SETTINGS } from "../settings.js";
import { rangeOptions } from "../windows/window-options.js";
import { driftTable, driftText, verdictOf } from "./drift-text.js";
import { NoDriftError, readDrift } from "./read-drift.js";
import { driftsOf, type FeatureDrift } from "./feature-drift.js";
import { sampledRows } from "./sampled-rows.js";
import { isUnusable, withModel } from "./with-model.js";

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
    // Of a call that is refused commander says 1.
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_COMPARED))
    .description(
      "compare rows with a model's reference, feature by feature; exits 1 if one of them has drifted, 2 if nothing could be compared. With a model and a CSV file, those rows; " +
        "without, the rows that were predicted, by hour of event time, from the state in LOGS_DIR, while metrics runs or when it does not",
    )
    .argument("[model]", "the ONNX file, with a reference inside or beside it")
    .argument("[data]", "CSV file with a header and the model's features")
    .option("--model <version>", "of the rows that were predicted: a model version; default: that of the latest hour")
    .option("--json", "print one JSON object, without a file as GET /drift of the gateway")
    .action(async (path: string | undefined, data: string | undefined, options: DriftOptions) => {
      try {
        const hasDrifted = path === undefined ? await ofService(options) : await ofFile(path, data, options);
        process.exitCode = hasDrifted ? DRIFTED : 0;
      } catch (error) {
        // Thrown on it would end with 1.
        process.stderr.write(`${(await explained(error)) ?? inspect(error)}\n`);
        process.exitCode = NOT_COMPARED;
      }
    });
}

/** Exit codes: CI tells drift from a call that went wrong. */
const [DRIFTED, NOT_COMPARED] = [1, 2];

/** The question cannot be answered, and why. */
class NotComparedError extends Error {
  override readonly name = "NotComparedError";
}

/** What to say of an error that a user can mend. */
async function explained(error: unknown): Promise<string | undefined> {
  const { saysAll } = await import("../said-errors.js");
  const isKnown = [NotComparedError, NoDriftError, NoVersionError].some((kind) => error instanceof kind);
  return saysAll(error) || isUnusable(error) || (isKnown && error instanceof Error) ? error.message : undefined;
}

/** @returns whether a feature has drifted. */
function ofFile(path: string, data: string | undefined, { json }: DriftOptions): Promise<boolean> {
  if (data === undefined)
    throw new NotComparedError(
      "Name the CSV file whose rows are to be compared, or leave the model out: then it is the rows that were predicted.",
    );
  return withModel(path, data, async (model) => {
    const { reference } = model;
    if (reference === undefined)
      throw new NotComparedError(
        `${path} has no reference: write one with streamgauge reference ${path} DATA.csv, from the rows that the model was fitted on.`,
      );
    const { columns, yPred } = await sampledRows(model, data);
    const drifts = driftsOf(reference, columns, yPred);
    process.stdout.write(
      json === true ? `${JSON.stringify(asJson(reference, yPred.length, drifts))}\n` : asText(reference, yPred.length, drifts),
    );
    return drifts.some(({ drifted }) => drifted);
  });
}

/** @returns whether an hour has drift. */
async function ofService({ lane, model, from = -Infinity, to = Infinity, json }: DriftOptions): Promise<boolean> {
  const { LOGS_DIR } = readConfig(SETTINGS, process.env);
  const drift = await readDrift(LOGS_DIR, { lane, model, from, to });
  process.stdout.write(json === true ? `${JSON.stringify({ drift })}\n` : driftText(drift));
  return drift.hours.some(({ features }) => features.some(({ drifted }) => drifted));
}

function asJson(reference: Reference, rows: number, drifts: readonly FeatureDrift[]) {
  return { reference: { rows: reference.rows, sha256: referenceHash(reference) }, rows, features: drifts };
}

function asText(reference: Reference, rows: number, drifts: readonly FeatureDrift[]): string {
  const about = `${rows.toLocaleString("en")} rows beside the ${reference.rows.toLocaleString("en")} of the reference ${referenceHash(reference)}.`;
  return `${driftTable(drifts)}\n\n${about} ${verdictOf(drifts)}\n`;
}
