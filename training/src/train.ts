import { csvRecord, referenceOf, type Reference } from "@streamgauge/core";
import { columnStatistics } from "./column-statistics.js";
import { DatasetError } from "./dataset-error.js";
import type { FitOptions, FittedModel } from "./fitted-model.js";
import { fitAndJudge, type JudgedFit } from "./judged-fit.js";
import { readDataset, type Dataset } from "./read-dataset.js";
import { splitRows, type RowSplit } from "./split-rows.js";
import { chooseFeatures, completeTrainOptions, type CompleteTrainOptions, type TrainOptions } from "./train-options.js";
import { trainingMetadata } from "./training-metadata.js";
import type { TrainingReport } from "./training-report.js";
import { readTable, rowsOf, type TrainingTable } from "./training-table.js";
import { trainingWarnings } from "./training-warnings.js";

/** What a training gives back; nothing is written to disk. */
export interface TrainResult {
  /** Bytes of the ONNX file. */
  readonly onnx: Uint8Array;
  readonly report: TrainingReport;
  /** With `fitOn: "rest"`: the held-out rows, columns and order of the dataset, to stream what the model never saw. */
  readonly heldOutCsv?: string;
}

/**
 * Fits a linear regression, a random forest or gradient-boosted trees to a CSV file and exports it to ONNX.
 *
 * @returns the ONNX bytes and a report with the errors on seen and on unseen rows. The same dataset and options
 * give the same bytes.
 * @throws DatasetError for a file that cannot be used, TrainingOptionError for options that cannot.
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const complete = completeTrainOptions(options);
  return trainOn(await readDataset(complete.dataset), complete);
}

/** The part of `train` that does not touch the disk; same result, same errors. */
export function trainOn(dataset: Dataset, options: CompleteTrainOptions): TrainResult {
  const features = chooseFeatures(dataset.header, options);
  const table = readTable(dataset, features, options.targetColumn);
  const split = splitRows(table.y.length, options.holdOut, options.seed);
  checkSplit(dataset, split, options.holdOut);
  const judged = fitAndJudge(table, split, options.fitOn, fitOptions(options));
  const report = reportOn(dataset, options, features, table, judged);
  const seen = options.fitOn === "rest" ? rowsOf(table, split.fitted) : table;
  const metadata = trainingMetadata(report, referenceTo(judged.fit, features, seen), options.name);
  return {
    onnx: judged.fit.export(features, metadata),
    report,
    ...(options.fitOn === "rest" ? { heldOutCsv: csvOf(dataset, split.heldOut) } : {}),
  };
}

/** What live rows are compared with. */
function referenceTo(fit: FittedModel, features: readonly string[], { x, y }: TrainingTable): Reference {
  const columns = features.map((name, i) => [name, x[i] ?? new Float64Array()] as const);
  // What the file answers, whose inputs are float32.
  return referenceOf(y.length, new Map(columns), fit.predictFloat32(x, y.length));
}

function fitOptions({ kind, alpha, trees, seed }: CompleteTrainOptions): FitOptions {
  return kind === "linear" ? { kind, alpha } : { kind, trees, seed };
}

/** What a feature does in the model: how much of it is linear, or what trees gained by it. */
function effectOf({ model }: FittedModel, feature: number): { coefficient: number } | { importance: number } {
  if (model.kind === "linear") return { coefficient: model.fit.coefficients[feature] ?? 0 };
  return { importance: model.ensemble.importance[feature] ?? 0 };
}

function checkSplit(dataset: Dataset, split: RowSplit, holdOut: number): void {
  const tooFewHeldOut = holdOut > 0 && split.heldOut.length === 0;
  if (split.fitted.length < 2 || tooFewHeldOut) {
    throw new DatasetError({
      path: dataset.path,
      problem: `${dataset.records.length} rows with a share of ${holdOut} held out leave ${split.fitted.length} rows to fit on and ${split.heldOut.length} to judge on`,
      remedy: "Give more rows, or set holdOut to 0",
    });
  }
}

function reportOn(
  dataset: Dataset,
  options: CompleteTrainOptions,
  features: readonly string[],
  table: TrainingTable,
  { fit, ...judgement }: JudgedFit,
): TrainingReport {
  const difference = float32Difference(fit, table);
  if (!Number.isFinite(difference)) {
    throw new DatasetError({
      path: dataset.path,
      problem: "the model cannot be computed in float32, the type of its ONNX inputs: a column varies by less than 1e-38",
      remedy: "Give the column another unit",
    });
  }
  return {
    dataset: dataset.path,
    datasetSha256: dataset.sha256,
    rows: table.y.length,
    target: options.targetColumn,
    ...(options.targetUnit === undefined ? {} : { targetUnit: options.targetUnit }),
    features: features.map((name, index) => ({
      name,
      ...unitOf(name, options.units),
      ...effectOf(fit, index),
      ...fit.statistics[index]!,
    })),
    kind: options.kind,
    ...(fit.model.kind === "linear" ? { intercept: fit.model.fit.intercept, alpha: options.alpha } : { trees: options.trees }),
    holdOut: options.holdOut,
    seed: options.seed,
    fitOn: options.fitOn,
    ...judgement,
    float32Difference: difference,
    warnings: trainingWarnings(features, fit, difference, columnStatistics(table.y).std),
  };
}

/** Own members only: a column may be called "constructor". */
function unitOf(name: string, units: Readonly<Record<string, string>>): { unit?: string } {
  const unit = Object.hasOwn(units, name) ? units[name] : undefined;
  return unit === undefined ? {} : { unit };
}

function float32Difference(fit: FittedModel, table: TrainingTable): number {
  const rows = table.y.length;
  const exact = fit.predict(table.x, rows);
  const rounded = fit.predictFloat32(table.x, rows);
  return exact.reduce((largest, y, row) => Math.max(largest, Math.abs(y - rounded[row]!)), 0);
}

function csvOf(dataset: Dataset, rows: readonly number[]): string {
  return [dataset.header, ...rows.map((row) => dataset.records[row]!)].map(csvRecord).join("");
}
