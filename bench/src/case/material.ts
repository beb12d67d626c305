import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { referenceOf } from "@streamgauge/core";
import { DEFAULT_DATASET } from "@streamgauge/features";
import { defaultModelPath } from "@streamgauge/model";
import { defaultModelTraining, exportLinear, train } from "@streamgauge/training";
import { treeEnsemble, type EnsembleSize } from "./tree-ensemble.js";
import { INTERCEPT, wideDataset } from "./wide-dataset.js";

/** What a case is run on. */
export interface Material {
  readonly modelPath: string;
  readonly datasetPath: string;
}

/** The diabetes study with its own model; with the same regression in a file that says nothing of rows or errors; with an ensemble of trees, which is of 50 MB if it is large; and generated datasets of many features. */
export type MaterialKind = "diabetes" | "bare diabetes" | "forest" | "large forest" | "wide" | "very wide";

const FOREST: EnsembleSize = { trees: 100, depth: 6 };
const LARGE_FOREST: EnsembleSize = { trees: 250, depth: 12 };
/** So many rows that the source keeps them in memory, and enough for two frames of 2,048. */
const WIDE = { rows: 4_096, features: 100 };
/** As many as two frames of 512. */
const VERY_WIDE = { rows: 1_024, features: 1_000 };

/** The files of a case; what does not come with the program is made in `folder`. */
export async function materialIn(folder: string, kind: MaterialKind): Promise<Material> {
  switch (kind) {
    case "diabetes":
      return { modelPath: defaultModelPath, datasetPath: DEFAULT_DATASET };
    case "bare diabetes":
      return bareIn(folder);
    case "forest":
      return forestIn(folder, FOREST);
    case "large forest":
      return forestIn(folder, LARGE_FOREST);
    case "wide":
      return wideIn(folder, WIDE);
    case "very wide":
      return wideIn(folder, VERY_WIDE);
  }
}

/** The default model without what it says of its errors, and with a reference that has no feature: rows have the bin of their prediction alone. */
async function bareIn(folder: string): Promise<Material> {
  const { report } = await train({ ...defaultModelTraining, dataset: DEFAULT_DATASET });
  const coefficients = Float64Array.from(report.features, ({ coefficient = 0 }) => coefficient);
  const fit = { statistics: report.features, coefficients, intercept: report.intercept ?? 0, rank: coefficients.length };
  // It must have something; without a reference the first rows would become one.
  const reference = referenceOf(2, new Map(), Float64Array.of(25, 346));
  const metadata = { "streamgauge.name": "bare diabetes", "streamgauge.reference": JSON.stringify(reference) };
  const modelPath = join(folder, "bare.onnx");
  writeFileSync(modelPath, exportLinear({ features: report.features.map(({ name }) => name), fit, metadata }));
  return { modelPath, datasetPath: DEFAULT_DATASET };
}

async function forestIn(folder: string, size: EnsembleSize): Promise<Material> {
  const { report } = await train({ ...defaultModelTraining, dataset: DEFAULT_DATASET });
  const modelPath = join(folder, "forest.onnx");
  writeFileSync(modelPath, treeEnsemble(report.features, size, { min: 25, max: 346 }));
  return { modelPath, datasetPath: DEFAULT_DATASET };
}

/** The model is the relation that the rows follow: fitting a thousand weights takes a minute and gives the same. */
function wideIn(folder: string, { rows, features: width }: { readonly rows: number; readonly features: number }): Material {
  const material = { modelPath: join(folder, "wide.onnx"), datasetPath: join(folder, "wide.csv") };
  const { csv, features, weights } = wideDataset(rows, width);
  writeFileSync(material.datasetPath, csv);
  const statistics = features.map(() => ({ mean: 50, std: 100 / Math.sqrt(12), min: 0, max: 100 }));
  const fit = { statistics, coefficients: Float64Array.from(weights), intercept: INTERCEPT, rank: width };
  writeFileSync(material.modelPath, exportLinear({ features, fit, metadata: { "streamgauge.name": `wide of ${width} features` } }));
  return material;
}
