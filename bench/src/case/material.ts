import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_DATASET } from "@streamgauge/features";
import { defaultModelPath } from "@streamgauge/model";
import { defaultModelTraining, train, writeTraining } from "@streamgauge/training";
import { treeEnsemble } from "./tree-ensemble.js";
import { wideDataset } from "./wide-dataset.js";

/** What a case is run on. */
export interface Material {
  readonly modelPath: string;
  readonly datasetPath: string;
}

const TREES = 100;
/** So many rows that the source keeps them in memory, and enough for two frames of 2,048. */
const WIDE = { rows: 4_096, features: 100 };

/** The files of a case; what does not come with the program is made in `folder`. */
export async function materialIn(folder: string, kind: "diabetes" | "forest" | "wide"): Promise<Material> {
  if (kind === "diabetes") return { modelPath: defaultModelPath, datasetPath: DEFAULT_DATASET };
  return kind === "forest" ? forestIn(folder) : wideIn(folder);
}

async function forestIn(folder: string): Promise<Material> {
  const { report } = await train({ ...defaultModelTraining, dataset: DEFAULT_DATASET });
  const modelPath = join(folder, "forest.onnx");
  writeFileSync(modelPath, treeEnsemble(report.features, TREES, { min: 25, max: 346 }));
  return { modelPath, datasetPath: DEFAULT_DATASET };
}

async function wideIn(folder: string): Promise<Material> {
  const material = { modelPath: join(folder, "wide.onnx"), datasetPath: join(folder, "wide.csv") };
  writeFileSync(material.datasetPath, wideDataset(WIDE.rows, WIDE.features));
  writeTraining(await train({ dataset: material.datasetPath }), { onnx: material.modelPath });
  return material;
}
