import type { Reference } from "@streamgauge/core";
import { metadataKey } from "@streamgauge/model/onnx";
import type { RegressionError } from "./regression-error.js";
import type { TrainingReport } from "./training-report.js";

/**
 * What a trained file says about itself, beside its feature names: target, units, statistics of the features, and
 * how it was fitted with which errors. The keys are in metadata-keys.ts; nothing depends on time, path or machine.
 *
 * @param reference - of the rows that it was fitted on. @param name - the model's name; left out of the metadata when undefined.
 */
export function trainingMetadata(report: TrainingReport, reference: Reference, name: string | undefined): Record<string, string> {
  const units = report.features.flatMap((feature) => (feature.unit === undefined ? [] : [[feature.name, feature.unit] as const]));
  const statistics = report.features.map((feature) => [
    feature.name,
    {
      mean: rounded(feature.mean),
      std: rounded(feature.std),
      min: feature.min,
      max: feature.max,
    },
  ]);
  return {
    ...(name === undefined ? {} : { [metadataKey.name]: name }),
    [metadataKey.target]: report.target,
    ...(report.targetUnit === undefined ? {} : { [metadataKey.targetUnit]: report.targetUnit }),
    ...(units.length === 0 ? {} : { [metadataKey.units]: JSON.stringify(Object.fromEntries(units)) }),
    [metadataKey.featureStatistics]: JSON.stringify(Object.fromEntries(statistics)),
    [metadataKey.reference]: JSON.stringify(reference),
    [metadataKey.training]: JSON.stringify({
      created_by: "streamgauge train",
      dataset_sha256: report.datasetSha256,
      rows: report.rows,
      fitted_rows: report.fittedRows,
      ...(report.alpha === undefined ? { kind: report.kind, trees: report.trees } : { alpha: report.alpha }),
      hold_out: report.holdOut,
      seed: report.seed,
      fit_on: report.fitOn,
      in_sample: roundedError(report.inSample),
      ...(report.heldOut === undefined ? {} : { held_out: roundedError(report.heldOut) }),
    }),
  };
}

/** Nine digits: the last ones of a float64 may differ between versions of V8, and the file's bytes should not. */
function rounded(value: number): number {
  return Number(value.toPrecision(9));
}

function roundedError(error: RegressionError): RegressionError {
  return {
    rows: error.rows,
    mae: rounded(error.mae),
    rmse: rounded(error.rmse),
    r2: error.r2 === null ? null : rounded(error.r2),
  };
}
