import { lengthOf } from "@streamgauge/core/windows";

/** What is kept of a lane. */
export interface Kept {
  readonly lane: string;
  /** As in "windows of 1h". */
  readonly what: string;
  /** Where they begin, ascending; ms since 1970. */
  readonly starts: readonly number[];
  /** In ms. */
  readonly length: number;
}

/** What to do if the range that is asked for has none of what is kept. */
export function emptyRangeText({ lane, what, starts, length }: Kept): string {
  const [first, last] = [starts[0], starts.at(-1)];
  if (first === undefined || last === undefined) return `Lane ${lane} has no ${what} yet.`;
  return `The range has no ${what}. Lane ${lane} has ${what} from ${moment(first)} to ${moment(last + length)} UTC: choose --from and --to there.`;
}

/** The same of the hours that drift and segments are found in. @param model - the version that was asked for; undefined: any. */
export function emptyHoursText(lane: string, model: string | undefined, starts: readonly number[]): string {
  const what = `hours with bins of features${model === undefined ? "" : ` of ${model}`}`;
  return emptyRangeText({ lane, what, starts, length: lengthOf("1h") });
}

function moment(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace("T", " ");
}
