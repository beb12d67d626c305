import type { LaneFigures } from "../alerting/lane-figures.js";
import type { JoinState } from "./join-state.js";

/** What rules see of a lane. */
export interface LatestModel {
  readonly model: string;
  readonly unit: string;
}

/** The figures of a lane now, within a commit. @param deadLetters - undefined while that is not known. */
export function laneFiguresOf({ balance, log }: JoinState, latest: LatestModel, deadLetters: number | undefined): LaneFigures {
  return {
    received: { y_true: balance.y_true.received, y_pred: balance.y_pred.received },
    deadLetters,
    ...latest,
    logLength: log.length,
    alarms: () => [],
    over: () => undefined,
  };
}
