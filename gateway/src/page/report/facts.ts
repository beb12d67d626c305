import { count, counted, figure, moment } from "../format.js";
import type { ReportContent } from "./report-data.js";

/** A name and what is said of it. */
export type Fact = readonly [name: string, text: string];

/** Which figures a report has, from when, and who wrote it. */
export function factsOf(content: ReportContent): Fact[] {
  const { lane, model, summary, writtenAt, version } = content;
  const versions = summary?.models.map((each) => each.model || "without a version") ?? [];
  return [
    ["Lane", lane],
    ["Model versions", versions.length === 0 ? "none" : versions.join(", ")],
    ...(model === "" ? [] : [["Of these", versionText(model, versions)] as const]),
    ["Range (UTC)", rangeText(content)],
    ["Windows", windowsText(content)],
    ["Written", `${new Date(writtenAt).toISOString().slice(0, 19).replace("T", " ")} UTC by streamgauge ${version}`],
  ];
}

function versionText(model: string, versions: readonly string[]): string {
  if (!versions.includes(model)) return `no row of ${model} has a label in this range`;
  return `MAE, RMSE and bias over time are of ${model}; all other figures are of all versions`;
}

/** The range, as far as there are rows; without any, as it was asked for. */
export function rangeText({ summary, from, to }: Pick<ReportContent, "summary" | "from" | "to">): string {
  if (summary !== null) return `${moment(summary.start)} to ${moment(summary.end)}`;
  if (from !== null && to !== null) return `${moment(from)} to ${moment(to)}`;
  if (from !== null) return `from ${moment(from)} on`;
  return to === null ? "all times" : `before ${moment(to)}`;
}

/** How many windows a report has, of what length and in which states. */
export function windowsText({ windows, count: all, size, length }: ReportContent): string {
  const own = durationName(SIZES[size]);
  const states = ["final", "mature", "provisional"]
    .map((state) => [state, windows.filter((window) => window.state === state).length] as const)
    .filter(([, n]) => n > 0)
    .map(([state, n]) => `${count(n)} ${state}`);
  const stated = states.length === 0 ? "" : `; ${states.join(", ")}`;
  if (length === SIZES[size]) return `${counted(all, "window")} of ${own}${stated}`;
  return `${counted(windows.length, "window")} of ${durationName(length)}, merged from ${count(all)} of ${own}: more do not fit into a report of 1 MB${stated}`;
}

const SIZES = { "1m": 60_000, "1h": 3_600_000, "1d": 86_400_000 } as const;

/** "1 hour", "7 days". @param ms - a whole number of minutes. */
export function durationName(ms: number): string {
  if (ms % SIZES["1d"] === 0) return counted(ms / SIZES["1d"], "day");
  if (ms % SIZES["1h"] === 0) return counted(ms / SIZES["1h"], "hour");
  return counted(ms / SIZES["1m"], "minute");
}

/** What to do if the range has no windows. */
export function emptyText({ kept, size, lane }: ReportContent): string {
  if (kept === null) return `Lane ${lane} has no windows of ${durationName(SIZES[size])} yet.`;
  return `The range has no windows. Lane ${lane} has windows of ${durationName(SIZES[size])} from ${moment(kept.from)} to ${moment(kept.to)} UTC: choose --from and --to there.`;
}

/** How a value differs from one before it: "+12 %"; empty if that says nothing. */
export function changeText(before: number | null, since: number | null): string {
  const part = before === null || since === null ? NaN : (since - before) / before;
  if (!Number.isFinite(part)) return "–";
  const percent = figure(Number(Math.abs(100 * part).toPrecision(3)));
  return `${part > 0 ? "+" : part < 0 ? "−" : "±"}${percent} %`;
}
