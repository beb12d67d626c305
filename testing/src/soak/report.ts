import { markdownTable } from "@streamgauge/core";
import type { CaseFigures } from "../faults/harness/figures.js";
import type { QueueDepth, Sample } from "./samples.js";
import { slopeOf } from "./trend.js";
import type { Trend } from "./verdict.js";

/** What the samples of a run are counted in: `10 M rows`, `4 h`. */
export interface Unit {
  /** Between two lines of the table. */
  readonly step: number;
  readonly text: (at: number) => string;
}

const whole = (value: number) => (Number.isNaN(value) ? "–" : Math.round(value).toLocaleString("en"));

/** Own memory, V8's heap and descriptors of each process, where the run had come to each step. */
export function alongTable(byProcess: ReadonlyMap<string, readonly Sample[]>, { step, text }: Unit): string {
  const names = [...byProcess.keys()];
  const last = Math.max(...[...byProcess.values()].flatMap((samples) => samples.at(-1)?.at ?? 0));
  const steps = Array.from({ length: Math.max(1, Math.floor(last / step + 1e-9)) }, (_, i) => (i + 1) * step);
  const cell = (name: string, at: number) => {
    // The first look from there on, unless that belongs to a later line.
    const sample = byProcess.get(name)?.find((one) => one.at >= at - step / 1e6 && one.at < at + step);
    return sample === undefined
      ? "–"
      : `${whole(sample.ownMiB)} / ${whole(sample.residentMiB)} / ${whole(sample.heapMiB)} / ${sample.descriptors}`;
  };
  return markdownTable([["at", ...names], ...steps.map((at) => [text(at), ...names.map((name) => cell(name, at))])]);
}

/** How each process went over the second half. @param unit - of the slope. */
export function trendTable(trends: readonly Trend[], byProcess: ReadonlyMap<string, readonly Sample[]>, { step, text }: Unit): string {
  const rows = trends.map(({ process, ownGrowthMiB, residentGrowthMiB, descriptorGrowth }) => {
    const samples = byProcess.get(process) ?? [];
    const half = samples.filter(({ at }) => at >= (samples.at(-1)?.at ?? 0) / 2);
    const slope = slopeOf(half.map(({ at, ownMiB }) => ({ at, value: ownMiB }))) * step;
    const most = Math.max(...samples.map(({ residentMiB }) => residentMiB));
    return [process, ...[slope, ownGrowthMiB, residentGrowthMiB].map((value) => value.toFixed(2)), whole(most), String(descriptorGrowth)];
  });
  const head = ["process", `own, MiB a ${text(step)}`, "own, MiB", "resident, MiB", "most resident, MiB", "descriptors"];
  return markdownTable([head, ...rows]);
}

export function depthLine(depths: readonly QueueDepth[]): string {
  const most = depths.reduce<QueueDepth | undefined>((found, one) => (one.messages > (found?.messages ?? -1) ? one : found), undefined);
  return most === undefined
    ? "No queue was looked at."
    : `The deepest queue was ${most.queue} with ${whole(most.messages)} messages, of ${depths.length} looks.`;
}

export function figuresLine({ rows, lost, doubled, unexpected, wrong, rounds, kills, slowestReturnMs }: CaseFigures): string {
  const faults =
    rounds === 0 ? "" : ` ${rounds} faults, ${kills} kills, back to work after ${(slowestReturnMs / 1000).toFixed(1)} s at the latest.`;
  return `${whole(rows)} rows were compared: ${lost} lost, ${doubled} doubled, ${unexpected} unexpected, ${wrong} wrong.${faults}`;
}
