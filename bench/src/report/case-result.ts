import { spreadOf, type Spread } from "../percentile.js";
import type { CaseProfile } from "../profile/case-profile.js";

/** What one run of a case showed. A figure is undefined if the case does not have it, or the system does not report it. */
export interface RunFigures {
  readonly pairsPerSecond?: number;
  readonly ceilingPairsPerSecond?: number;
  readonly p50?: number;
  readonly p99?: number;
  readonly p999?: number;
  /** See `Latency.lateBy`. */
  readonly lateBy?: number;
  /** See `measureLatencyFloor`. */
  readonly floorP50?: number;
  readonly floorP99?: number;
  /** By process, in seconds. */
  readonly cpuPerMillion?: Readonly<Record<string, number>> | undefined;
  /** By process, in 10⁶ bytes. */
  readonly peakRssMb?: Readonly<Record<string, number>> | undefined;
  /** By process, in 10⁶ bytes at some shares of the rows. */
  readonly rssAlongMb?: Readonly<Record<string, readonly number[]>> | undefined;
  /** Too few rows for a steady part: the rate is that of the whole run, the start of the source included. */
  readonly isShort: boolean;
}

/** A case and what its runs showed. */
export interface CaseResult {
  readonly name: string;
  readonly shows: string;
  readonly rows: number;
  /** Rows a second that were sent; undefined: as fast as it went. */
  readonly pace: number | undefined;
  readonly longRun: boolean;
  readonly runs: readonly RunFigures[];
  readonly profile: CaseProfile | undefined;
  /** The name of the case that it is compared with, run by run. */
  readonly besides?: string | undefined;
}

type Figure = "pairsPerSecond" | "ceilingPairsPerSecond" | "p50" | "p99" | "p999" | "lateBy" | "floorP50" | "floorP99";

/** Median and spread of one figure over the runs; undefined if there is none. */
export function figureOf({ runs }: CaseResult, figure: Figure): Spread | undefined {
  return spread(runs.map((run) => run[figure]));
}

/** How much of the ceiling that was measured beside it each run reached. */
export function shareOfCeiling({ runs }: CaseResult): Spread | undefined {
  return spread(
    runs.map(({ pairsPerSecond, ceilingPairsPerSecond }) =>
      pairsPerSecond === undefined || ceilingPairsPerSecond === undefined ? undefined : pairsPerSecond / ceilingPairsPerSecond,
    ),
  );
}

/** The rate of a case as a share of that of the case that ran in turns with it, run by run; undefined if there was none. */
export function shareOfOther({ runs, besides }: CaseResult, results: readonly CaseResult[]): Spread | undefined {
  const other = results.find(({ name }) => name === besides);
  return spread(
    runs.map(({ pairsPerSecond }, i) => {
      const rate = other?.runs[i]?.pairsPerSecond;
      return pairsPerSecond === undefined || rate === undefined ? undefined : pairsPerSecond / rate;
    }),
  );
}

/** Medians by process. */
export function mediansByProcess({ runs }: CaseResult, figure: "cpuPerMillion" | "peakRssMb"): Record<string, number> | undefined {
  const names = new Set(runs.flatMap((run) => Object.keys(run[figure] ?? {})));
  const medians = [...names].map((name): [string, number] => [name, spread(runs.map((run) => run[figure]?.[name]))?.median ?? Number.NaN]);
  return names.size === 0 ? undefined : Object.fromEntries(medians);
}

function spread(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : spreadOf(known);
}
