import { correctedValues, type ErrorStatistics, type MetricValues } from "@streamgauge/core";
import type { Corrections } from "./corrections.js";

/** The parts of a lane's state that the figures follow from. */
export interface CorrectedState {
  readonly log: { readonly statistics: ErrorStatistics };
  readonly corrections: Pick<Corrections, "balance" | "statistics">;
}

/** The metrics of all logged rows as they are corrected; undefined if no label was. */
export function correctedFigures({ log, corrections }: CorrectedState): MetricValues | undefined {
  if (corrections.balance.applied === 0) return undefined;
  const { replaced, replacing } = corrections.statistics;
  return correctedValues({ all: log.statistics.save(), replaced: replaced.save(), replacing: replacing.save() });
}
