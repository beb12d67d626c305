import { MOST_SEGMENT_ROWS, noEarlierRows, readConfig, type SegmentsJson } from "@streamgauge/core";
import { hoursOfLane, modelsOfLane, Monitor, segmentsOfLane } from "@streamgauge/metrics";
import { InvalidArgumentError, type Command } from "commander";
import { HOURS_WITH_BINS, NoVersionError, requireVersion } from "../known-version.js";
import { NoStateError, withLaneState, type PartitionState } from "../lane-state.js";
import { SETTINGS } from "../settings.js";
import { rangeOptions, timeArgument } from "../windows/window-options.js";
import { foundRows, NoSegmentError } from "./found-rows.js";
import { noRowsText, segmentRowsTable, segmentsTable } from "./segments-table.js";

interface SegmentsOptions {
  readonly lane: string;
  readonly model?: string;
  /** ms since 1970. */
  readonly from?: number;
  readonly to?: number;
  readonly earlierFrom?: number;
  readonly earlierTo?: number;
  readonly rows?: string;
  readonly latest?: boolean;
  readonly limit?: number;
  readonly json?: boolean;
}

/** Rows of a segment that are listed. */
const LISTED = 10;

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
    .option("--rows <segment>", "print rows of this segment: its name as this command prints it, such as 'bmi 5 to 6'", withoutMark)
    .option("--latest", "of --rows: the latest ones; default: those with the largest errors")
    .option("--limit <rows>", `of --rows: how many, at most ${MOST_SEGMENT_ROWS} (default: ${LISTED})`, limitArgument)
    .option("--json", "print one JSON object, as GET /segments or GET /segments/rows of the gateway")
    .action(async (options: SegmentsOptions) => {
      try {
        requireRows(options);
        const logsDir = readConfig(SETTINGS, process.env).LOGS_DIR;
        process.stdout.write(
          await (options.rows === undefined ? segmentsText(logsDir, options) : rowsText(logsDir, options.rows, options)),
        );
      } catch (error) {
        if (!isExplained(error)) throw error;
        process.stderr.write(`${error.message}\n`);
        process.exitCode = 1;
      }
    });
}

/** Options choose rows, and no segment is named. */
class NoRowsOptionError extends Error {
  override readonly name = "NoRowsOptionError";

  constructor(option: string) {
    super(`${option} chooses rows of a segment: name the segment too, as in --rows "bmi 5 to 6", or leave ${option} out.`);
  }
}

/** @throws NoRowsOptionError */
function requireRows({ rows, latest, limit }: SegmentsOptions): void {
  if (rows !== undefined) return;
  if (limit !== undefined) throw new NoRowsOptionError("--limit");
  if (latest === true) throw new NoRowsOptionError("--latest");
}

/** The name of a segment that was copied with the mark of those that stand out. */
function withoutMark(name: string): string {
  return name.trim().replace(/^\* /, "");
}

function limitArgument(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_SEGMENT_ROWS) return limit;
  throw new InvalidArgumentError(`Write a whole number from 1 to ${MOST_SEGMENT_ROWS}.`);
}

function isExplained(error: unknown): error is Error {
  return [NoStateError, EarlierHoursError, NoRowsOptionError, NoVersionError, NoSegmentError].some((kind) => error instanceof kind);
}

async function segmentsText(logsDir: string, options: SegmentsOptions): Promise<string> {
  const found = await foundSegments(logsDir, options);
  if (options.json === true) return `${JSON.stringify(found)}\n`;
  return found.found === null ? nothingFound(logsDir, options) : segmentsTable(found.found);
}

async function rowsText(logsDir: string, segment: string, options: SegmentsOptions): Promise<string> {
  const { lane, model, from = -Infinity, to = Infinity, latest, limit = LISTED } = options;
  const found = await withLaneState(logsDir, lane, (parts) => {
    requireVersion(HOURS_WITH_BINS, modelsOfLane(monitorsOf(parts)), model);
    return foundRows(parts, { segment, model, from, to, order: latest === true ? "latest" : "worst", limit });
  });
  if (options.json === true) return `${JSON.stringify({ found: found ?? null })}\n`;
  return found === undefined ? nothingFound(logsDir, options) : segmentRowsTable(found);
}

/** The hours to compare with do not lie before those that are compared, or have no labelled row. */
export class EarlierHoursError extends Error {
  override readonly name = "EarlierHoursError";
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
  if (isCompared && (earlier.to > from || earlier.from >= earlier.to))
    throw new EarlierHoursError(
      "Hours to compare with lie before --from: give --from, and --earlier-from before --earlier-to, which is --from or before.",
    );
  return withLaneState(logsDir, lane, (parts) => {
    const monitors = monitorsOf(parts);
    const models = modelsOfLane(monitors);
    requireVersion(HOURS_WITH_BINS, models, model);
    const found = segmentsOfLane(monitors, { model, from, to, ...(isCompared ? { earlier } : {}) });
    if (isCompared && found?.earlier === null)
      throw new EarlierHoursError(noEarlierRows(found.model, segmentsOfLane(monitors, { model: found.model, from: -Infinity, to: from })));
    return { found: found ?? null, models };
  });
}

function monitorsOf(parts: readonly PartitionState[]): Monitor[] {
  return parts.flatMap(({ store }) => Monitor.read(store) ?? []);
}

async function nothingFound(logsDir: string, { lane, model, from = -Infinity, to = Infinity }: SegmentsOptions): Promise<string> {
  const starts = await withLaneState(logsDir, lane, (parts) => hoursOfLane(monitorsOf(parts), model));
  return noRowsText(starts, { lane, model, from, to });
}
