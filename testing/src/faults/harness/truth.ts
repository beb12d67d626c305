import { readFileSync } from "node:fs";
import { DEFAULT_DATASET } from "@streamgauge/features";
import { defaultModelPath, openModel } from "@streamgauge/model";

/** The rows of the diabetes study, and what the model itself says of each. */
export interface Truth {
  /** The model's order. */
  readonly names: readonly string[];
  /** Shape [rows][features]. */
  readonly features: readonly (readonly number[])[];
  /** Shape [rows]. */
  readonly yTrue: readonly number[];
  /** Shape [rows]; each row scored alone. */
  readonly yPred: readonly number[];
}

let truth: Promise<Truth> | undefined;

/** Asked of the model in this process, once. */
export function knownTruth(): Promise<Truth> {
  truth ??= askModel();
  return truth;
}

async function askModel(): Promise<Truth> {
  const [head = "", ...lines] = readFileSync(DEFAULT_DATASET, "utf8").trim().split(/\r?\n/);
  const header = head.split(",");
  const records = lines.map((line) => line.split(",").map(Number));
  const model = await openModel(defaultModelPath);
  try {
    const cell = (record: readonly number[], name: string) => record[header.indexOf(name)] ?? Number.NaN;
    const features = records.map((record) => model.features.map((name) => cell(record, name)));
    const yPred: number[] = [];
    for (const row of features) {
      const answer = await model.predict(
        1,
        row.map((value) => Float64Array.of(value)),
      );
      yPred.push(answer[0] ?? Number.NaN);
    }
    return { names: model.features, features, yTrue: records.map((record) => cell(record, "target")), yPred };
  } finally {
    await model.close();
  }
}
