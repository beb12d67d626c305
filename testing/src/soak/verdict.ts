import type { Sample } from "./samples.js";
import { floorGrowth, growthOf, medianGrowth, type Point } from "./trend.js";

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

/** How growth is read from the looks at a process. */
interface Growth {
  readonly ofMemory: (points: readonly Point[]) => number;
  readonly ofDescriptors: (points: readonly Point[]) => number;
}

/** Of a process that lives as long as the run. */
const LIVING: Growth = { ofMemory: growthOf, ofDescriptors: floorGrowth };
/** Of one that is killed and started again: a look at a young one, which has opened little yet, must not be what others are compared with. */
export const RESTARTED: Growth = { ofMemory: medianGrowth, ofDescriptors: medianGrowth };

export function trendOf(process: string, samples: readonly Sample[], { ofMemory, ofDescriptors } = LIVING): Trend {
  const points = (value: (sample: Sample) => number) => samples.map((sample) => ({ at: sample.at, value: value(sample) }));
  return {
    process,
    ownGrowthMiB: ofMemory(points(({ ownMiB }) => ownMiB)),
    residentGrowthMiB: ofMemory(points(({ residentMiB }) => residentMiB)),
    descriptorGrowth: ofDescriptors(points(({ descriptors }) => descriptors)),
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
