import type { TrainOptions } from "./train-options.js";

/** How a model in `model/assets/` is made from the data set of the same name in `features/assets/`. */
export interface ExampleModel {
  readonly name: string;
  readonly options: Omit<TrainOptions, "dataset">;
  /** The part of the CSV file that it is fitted on: its header and the rows of its first months. */
  readonly trainingPart: (csv: string) => string;
}

/**
 * Models of data sets with times. Each is fitted on the beginning of its data, so that a replay shows it on what came after: air quality in the
 * first months of sensors that drift, bike sharing in the first of two years of growth.
 */
export const exampleModels: readonly ExampleModel[] = [
  {
    name: "air-quality",
    options: { targetColumn: "co", exclude: ["time"], targetUnit: "mg/m³" },
    // A row without a label has nothing between its first two commas.
    trainingPart: (csv) => linesOf(csv, (line) => /^2004-0[3-6]-/.test(line) && !line.includes(",,")),
  },
  {
    name: "bike-sharing",
    options: { targetColumn: "count", exclude: ["time"], targetUnit: "bikes", kind: "boosting" },
    trainingPart: (csv) => linesOf(csv, (line) => line.startsWith("2011-")),
  },
];

function linesOf(csv: string, isWanted: (line: string) => boolean): string {
  const [header = "", ...lines] = csv.trimEnd().split("\n");
  return `${[header, ...lines.filter(isWanted)].join("\n")}\n`;
}
