import { DEFAULT_DATASET } from "@streamgauge/features";
import {
  DatasetError,
  defaultModelTraining,
  formatReport,
  NotNumbersError,
  train,
  trainDefaults,
  TrainingOptionError,
  writeTraining,
  type TrainOptions,
} from "@streamgauge/training";
import { InvalidArgumentError, Option, type Command } from "commander";

interface TrainFlags {
  readonly dataset?: string;
  readonly out: string;
  readonly target?: string;
  readonly id?: string;
  readonly features?: readonly string[];
  readonly exclude?: readonly string[];
  readonly kind: TrainOptions["kind"];
  readonly trees?: number;
  readonly alpha: number;
  readonly holdOut: number;
  readonly seed: number;
  readonly heldOut?: string;
  readonly targetUnit?: string;
  readonly unit?: Readonly<Record<string, string>>;
  readonly name?: string;
}

/** `streamgauge train`: fits a model to a CSV file and writes it as ONNX. */
export function addTrainCommand(program: Command): void {
  program
    .command("train")
    .description(
      "fit a linear regression, a random forest or gradient-boosted trees to a CSV file, and write it as ONNX with names and statistics",
    )
    .requiredOption("--out <file>", "the ONNX file to write")
    .option("--dataset <file>", "CSV file with a header (default: the diabetes study)")
    .option("--target <column>", `column with the true value (default: ${trainDefaults.targetColumn})`)
    .option("--id <column>", "column with ids, which is no feature")
    .option("--features <columns>", "comma-separated feature columns (default: all others)", names)
    .option("--exclude <columns>", "comma-separated columns that are no features", names)
    .addOption(new Option("--kind <kind>", "what is fitted").choices(["linear", "forest", "boosting"]).default(trainDefaults.kind))
    .option("--trees <number>", `trees of a forest or a boosting (default: ${trainDefaults.trees})`, number)
    .option("--alpha <number>", "strength of the ridge penalty on standardised columns", number, trainDefaults.alpha)
    .option("--hold-out <share>", "share of rows held out for the honest error", number, trainDefaults.holdOut)
    .option("--seed <number>", "seed of the split, and of what a forest or a boosting draws", number, trainDefaults.seed)
    .option(
      "--held-out <file>",
      "write the held-out rows here and fit on the others only: stream this file to see the error on unseen rows",
    )
    .option("--target-unit <text>", "unit of the target, for the picture")
    .option("--unit <column=text>", "unit of a column; may be given more than once", unit)
    .option("--name <text>", "the model's name (default: that of the file)")
    .action(async (flags: TrainFlags) => {
      try {
        await runTraining(flags);
      } catch (error) {
        const complaint = explain(error, flags);
        if (complaint === undefined) throw error;
        process.stderr.write(`${complaint}\n`);
        process.exitCode = 1;
      }
    });
}

/** The flag of each training option. */
const FLAGS: Readonly<Record<string, string>> = {
  targetColumn: "--target",
  idColumn: "--id",
  features: "--features",
  exclude: "--exclude",
  kind: "--kind",
  trees: "--trees",
  alpha: "--alpha",
  holdOut: "--hold-out",
  seed: "--seed",
  units: "--unit",
};

/** The error in terms of the command line; undefined if the user cannot fix it. */
export function explain(error: unknown, flags: Pick<TrainFlags, "target" | "features">): string | undefined {
  if (error instanceof NotNumbersError) return `${error.message}${leaveOut(error.columns, flags)}`;
  if (error instanceof DatasetError) return error.message;
  if (error instanceof TrainingOptionError) {
    return error.message.replace(`Training option ${error.option}`, FLAGS[error.option] ?? error.option);
  }
  if (error instanceof Error && "syscall" in error) return `The model cannot be written: ${error.message}.`;
  return undefined;
}

/** How to leave columns out of the features. The target is none. */
function leaveOut(
  columns: readonly string[],
  { target = trainDefaults.targetColumn, features }: Pick<TrainFlags, "target" | "features">,
): string {
  const without = columns.filter((name) => name !== target).join(",");
  if (without === "") return "";
  if (features !== undefined) return ` Not to be in --features: ${without}.`;
  return ` --exclude ${/[^\w,.-]/.test(without) ? `'${without}'` : without} leaves out every column with such cells.`;
}

async function runTraining(flags: TrainFlags): Promise<void> {
  const { heldOut, out } = flags;
  const result = await train({
    ...(flags.dataset === undefined ? defaultDataset(flags) : { dataset: flags.dataset }),
    ...(flags.kind === undefined ? {} : { kind: flags.kind }),
    ...(flags.trees === undefined ? {} : { trees: flags.trees }),
    alpha: flags.alpha,
    holdOut: flags.holdOut,
    seed: flags.seed,
    fitOn: heldOut === undefined ? "all" : "rest",
    ...(flags.target === undefined ? {} : { targetColumn: flags.target }),
    ...(flags.id === undefined ? {} : { idColumn: flags.id }),
    ...(flags.features === undefined ? {} : { features: flags.features }),
    ...(flags.exclude === undefined ? {} : { exclude: flags.exclude }),
    ...(flags.targetUnit === undefined ? {} : { targetUnit: flags.targetUnit }),
    ...(flags.unit === undefined ? {} : { units: flags.unit }),
    ...(flags.name === undefined ? {} : { name: flags.name }),
  });
  writeTraining(result, heldOut === undefined ? { onnx: out } : { onnx: out, heldOutCsv: heldOut });
  process.stdout.write(`${formatReport(result.report)}\nWritten: ${out}${heldOut === undefined ? "" : ` and ${heldOut}`}\n`);
}

/** The built-in dataset has a known target and known units. */
function defaultDataset({ features, exclude = [] }: TrainFlags) {
  const isFeature = (name: string) => (features?.includes(name) ?? true) && !exclude.includes(name);
  const units = Object.fromEntries(Object.entries(defaultModelTraining.units ?? {}).filter(([name]) => isFeature(name)));
  return { ...defaultModelTraining, units, dataset: DEFAULT_DATASET };
}

function names(text: string): string[] {
  return text.split(",").map((name) => name.trim());
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

function unit(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [column = "", ...rest] = text.split("=");
  if (column === "" || rest.length === 0) throw new InvalidArgumentError("It must look like bmi=kg/m².");
  return { ...earlier, [column]: rest.join("=") };
}
