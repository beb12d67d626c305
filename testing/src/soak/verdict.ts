import type { Sample } from "./samples.js";
import { floorGrowth, growthOf, type Point } from "./trend.js";

/** How a process's memory and descriptors went over the second half of a run. */
export interface Trend {
  readonly process: string;
  /** MiB that its own memory grew by. */
  readonly ownGrowthMiB: number;
  /** The same of all its memory in RAM, pages of files included. */
  readonly residentGrowthMiB: number;
  /** Descriptors that were opened and never closed. */
  readonly descriptorGrowth: number;
}

/** What a process may grow by. */
export interface Bounds {
  readonly ownMiB: number;
  readonly descriptors: number;
}

/** @param growth - of memory. Default: that of a line through the second half, for a process that lives as long as the run. */
export function trendOf(process: string, samples: readonly Sample[], growth: (points: readonly Point[]) => number = growthOf): Trend {
  const points = (value: (sample: Sample) => number) => samples.map((sample) => ({ at: sample.at, value: value(sample) }));
  return {
    process,
    ownGrowthMiB: growth(points(({ ownMiB }) => ownMiB)),
    residentGrowthMiB: growth(points(({ residentMiB }) => residentMiB)),
    descriptorGrowth: floorGrowth(points(({ descriptors }) => descriptors)),
  };
}

/** What grew by more than it may, a sentence each. */
export function growthProblems(trends: readonly Trend[], { ownMiB, descriptors }: Bounds): string[] {
  return trends.flatMap(({ process, ownGrowthMiB, descriptorGrowth }) => [
    ...(ownGrowthMiB <= ownMiB
      ? []
      : [`The memory of ${process} grew by ${ownGrowthMiB.toFixed(1)} MiB over the second half; ${ownMiB} MiB are allowed.`]),
    ...(descriptorGrowth <= descriptors
      ? []
      : [`${process} has ${descriptorGrowth} descriptors more at the end; ${descriptors} are allowed.`]),
  ]);
}
