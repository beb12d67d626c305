import { quote, readConfig, type SegmentsJson } from "@streamgauge/core";
import { modelsOfLane, Monitor, segmentsOfLane } from "@streamgauge/metrics";
import type { Command } from "commander";
import { endWithReader } from "../end-with-reader.js";
import { NoStateError, withLaneState } from "../lane-state.js";
import { SETTINGS } from "../settings.js";
import { rangeOptions, timeArgument } from "../windows/window-options.js";
import { segmentsTable } from "./segments-table.js";

interface SegmentsOptions {
  readonly lane: string;
  readonly model?: string;
  /** ms since 1970. */
  readonly from?: number;
  readonly to?: number;
  readonly earlierFrom?: number;
  readonly earlierTo?: number;
  readonly json?: boolean;
}

/** `streamgauge segments`: where the error is. */
export function addSegmentsCommand(program: Command): void {
  rangeOptions(program.command("segments"))
    .description(
      "print where the error is: rows that share values of a feature, or of two; from the state in LOGS_DIR, while metrics runs or when it does not",
    )
    .option("--model <version>", "a model version; default: that of the latest hour")
    .option(
      "--earlier-from <time>",
      "hours to compare with begin at this time or later; default: compare with all other rows",
      timeArgument,
    )
    .option("--earlier-to <time>", "hours to compare with begin before this time; default: --from", timeArgument)
    .option("--json", "print one JSON object, as GET /segments of the gateway")
    .action(async (options: SegmentsOptions) => {
      endWithReader();
      try {
        const found = await foundSegments(readConfig(SETTINGS, process.env).LOGS_DIR, options);
        process.stdout.write(options.json === true ? `${JSON.stringify(found)}\n` : textOf(found));
      } catch (error) {
        if (!(error instanceof NoStateError || error instanceof EarlierHoursError || error instanceof NoVersionError)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

/** The hours to compare with do not lie before those that are compared. */
export class EarlierHoursError extends Error {
  override readonly name = "EarlierHoursError";

  constructor() {
    super("Hours to compare with lie before --from: give --from, and --earlier-from before --earlier-to, which is --from or before.");
  }
}

/** No hour of the version that is asked for is kept. */
export class NoVersionError extends Error {
  override readonly name = "NoVersionError";

  /** @param models - versions with hours that are kept. */
  constructor(asked: string, models: readonly string[]) {
    const known =
      models.length === 0 ? "There are none yet" : `They are ${models.map((each) => quote(each)).join(", ")}: choose one with --model`;
    super(`No hour of a model version ${quote(asked)} is kept with bins of its features. ${known}.`);
  }
}

/** As GET /segments of the gateway. */
interface FoundSegments {
  /** Null if no row has a label, or no reference is known. */
  readonly found: SegmentsJson | null;
  /** Model versions of the lane with hours that are kept, the latest first. */
  readonly models: readonly string[];
}

/** @throws NoStateError, EarlierHoursError, NoVersionError */
async function foundSegments(
  logsDir: string,
  { lane, model, from = -Infinity, to = Infinity, earlierFrom, earlierTo }: SegmentsOptions,
): Promise<FoundSegments> {
  const isCompared = earlierFrom !== undefined || earlierTo !== undefined;
  const earlier = { from: earlierFrom ?? -Infinity, to: earlierTo ?? from };
  if (isCompared && (earlier.to > from || earlier.from >= earlier.to)) throw new EarlierHoursError();
  return withLaneState(logsDir, lane, (parts) => {
    const monitors = parts.flatMap(({ store }) => Monitor.read(store) ?? []);
    const models = modelsOfLane(monitors);
    if (model !== undefined && !models.includes(model)) throw new NoVersionError(model, models);
    return { found: segmentsOfLane(monitors, { model, from, to, ...(isCompared ? { earlier } : {}) }) ?? null, models };
  });
}

function textOf({ found }: FoundSegments): string {
  if (found !== null) return segmentsTable(found);
  return "There are no labelled rows with bins of their features in these hours. They need a model with a reference: streamgauge reference MODEL DATA.csv writes one.\n";
}
