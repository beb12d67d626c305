import { TrainingOptionError } from "./training-option-error.js";

/** What to train on, and how. Only `dataset` is required; `trainDefaults` has what the others are when left out. */
export interface TrainOptions {
  /** Path of a CSV file with a header: numbers in raw units, no missing values. */
  readonly dataset: string;
  /** Column to predict. */
  readonly targetColumn?: string;
  /** Column that names the row; it is no feature. Without it no column is left out for that reason. */
  readonly idColumn?: string;
  /** Features in the order the model will take them; without it every column but target and id, in file order. */
  readonly features?: readonly string[];
  /** Columns that are no features; for use without `features`. */
  readonly exclude?: readonly string[];
  /** What is fitted: a linear (ridge) regression, a random forest, or gradient-boosted trees. */
  readonly kind?: "linear" | "forest" | "boosting";
  /** How many trees a forest or a boosting has, 1 to 10,000. */
  readonly trees?: number;
  /** Ridge penalty on standardised columns, 0 or more; 0 is ordinary least squares. */
  readonly alpha?: number;
  /** Share of the rows held out for the honest error, 0 to below 1; 0 gives no such error. */
  readonly holdOut?: number;
  /** Whole number that decides which rows are held out, and what a forest or a boosting draws. */
  readonly seed?: number;
  /**
   * `all`: the error on held-out rows is that of a second fit without them, and the model is fitted on every row.
   * `rest`: the model itself never sees the held-out rows, and they come back as CSV, to stream only them.
   */
  readonly fitOn?: "all" | "rest";
  /** Unit of the target, for logs and pictures. */
  readonly targetUnit?: string;
  /** Unit of each feature that has one, by feature name. */
  readonly units?: Readonly<Record<string, string>>;
  /** Name of the model in predictions; without it the ONNX file's name is used. */
  readonly name?: string;
}

/** What an option is when it is left out. */
export const trainDefaults = {
  targetColumn: "target",
  kind: "linear",
  trees: 200,
  alpha: 0,
  holdOut: 0.2,
  seed: 1,
  fitOn: "all",
} as const;

/** Options with the defaults filled in. */
export type CompleteTrainOptions = TrainOptions &
  Required<Pick<TrainOptions, "targetColumn" | "kind" | "trees" | "alpha" | "holdOut" | "seed" | "fitOn" | "units">>;

/**
 * @returns the options with the defaults filled in.
 * @throws TrainingOptionError for a number outside its range, and for options that contradict each other.
 */
export function completeTrainOptions(options: TrainOptions): CompleteTrainOptions {
  const complete = {
    ...options,
    targetColumn: options.targetColumn ?? trainDefaults.targetColumn,
    kind: options.kind ?? trainDefaults.kind,
    trees: options.trees ?? trainDefaults.trees,
    alpha: options.alpha ?? trainDefaults.alpha,
    holdOut: options.holdOut ?? trainDefaults.holdOut,
    seed: options.seed ?? trainDefaults.seed,
    fitOn: options.fitOn ?? trainDefaults.fitOn,
    units: options.units ?? {},
  };
  const { kind, trees, alpha, holdOut, seed, fitOn } = complete;
  if (!Number.isFinite(alpha) || alpha < 0) {
    throw new TrainingOptionError("alpha", alpha, "give a number of 0 or more");
  }
  if (!["linear", "forest", "boosting"].includes(kind)) {
    throw new TrainingOptionError("kind", kind, "give linear, forest or boosting");
  }
  if (!Number.isInteger(trees) || trees < 1 || trees > 10_000) {
    throw new TrainingOptionError("trees", trees, "give a whole number from 1 to 10000");
  }
  if (options.trees !== undefined && kind === "linear") {
    throw new TrainingOptionError("trees", trees, "leave it out, or set kind to forest or boosting");
  }
  if (options.alpha !== undefined && options.alpha !== trainDefaults.alpha && kind !== "linear") {
    throw new TrainingOptionError("alpha", alpha, "leave it out: it is for a linear regression");
  }
  if (!(holdOut >= 0 && holdOut < 1)) {
    throw new TrainingOptionError("holdOut", holdOut, "give a share of 0 or more and below 1, such as 0.2");
  }
  if (!Number.isSafeInteger(seed)) {
    throw new TrainingOptionError("seed", seed, "give a whole number");
  }
  if (fitOn === "rest" && holdOut === 0) {
    throw new TrainingOptionError("holdOut", holdOut, "to fit on the rest, hold out some rows, such as 0.2");
  }
  if (options.features !== undefined && options.exclude !== undefined) {
    throw new TrainingOptionError("exclude", options.exclude, "leave it out if features are listed");
  }
  return complete;
}

/**
 * @param header - the dataset's column names.
 * @returns the names of the features, in the order the model will take them.
 * @throws TrainingOptionError when an option names a column that is not there or is the target, names a feature
 * twice, gives a unit to what is no feature, or leaves no feature.
 */
export function chooseFeatures(header: readonly string[], options: CompleteTrainOptions): readonly string[] {
  const { targetColumn, idColumn, exclude = [] } = options;
  const columns = `name columns of the file: ${header.join(", ")}`;
  if (!header.includes(targetColumn)) {
    throw new TrainingOptionError("targetColumn", targetColumn, columns);
  }
  if (idColumn !== undefined && !header.includes(idColumn)) {
    throw new TrainingOptionError("idColumn", idColumn, columns);
  }
  if (!exclude.every((name) => header.includes(name))) {
    throw new TrainingOptionError("exclude", exclude, columns);
  }
  const left = new Set([targetColumn, idColumn, ...exclude]);
  const features = options.features ?? header.filter((name) => !left.has(name));
  if (!features.every((name) => header.includes(name))) {
    throw new TrainingOptionError("features", features, columns);
  }
  if (features.includes(targetColumn)) {
    throw new TrainingOptionError("features", features, `leave out the target ${targetColumn}`);
  }
  if (features.length === 0 || new Set(features).size < features.length) {
    throw new TrainingOptionError("features", features, "name at least one feature, and each once");
  }
  const units = Object.keys(options.units);
  if (!units.every((name) => features.includes(name))) {
    throw new TrainingOptionError("units", options.units, `give units to features only: ${features.join(", ")}`);
  }
  return features;
}
