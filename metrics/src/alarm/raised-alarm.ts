/** Worse: the mean error rose above the baseline. Better: it fell, which is as suspicious: a label may have leaked into the features. */
export const ALARM_KINDS = ["worse", "better"] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** One alarm of a model. */
export interface RaisedAlarm {
  readonly kind: AlarmKind;
  /** The row of the log that raised it, counted from 1, and its event time; NaN if it has none. */
  readonly row: number;
  readonly time: number;
  /** The row with which the change began, as estimated, and its event time. */
  readonly sinceRow: number;
  readonly sinceTime: number;
  /** Rows of the model from `sinceRow` to `row`. */
  readonly rowsSince: number;
  /** The mean error of the reference and of the rows since the last alarm, before `sinceRow`. */
  readonly meanBefore: number;
  /** The mean error of the rows since, and its interval; the mean may be Infinity, and then there is no interval. */
  readonly meanSince: number;
  readonly meanSinceLow: number;
  readonly meanSinceHigh: number;
  /** m: what the mean error was measured by. */
  readonly baseline: number;
  /** Rows between two false alarms of this kind, at least, on average. */
  readonly every: number;
  /** Whether an alarm of this kind was on already. */
  readonly again: boolean;
}

/** An alarm with its model and its number. */
export interface LaneAlarm extends RaisedAlarm {
  /** Alarms of the lane, counted from 1. */
  readonly number: number;
  readonly model: string;
  /** When metrics raised it, ms since 1970. */
  readonly raisedAt: number;
}
