import type { AlertSegment, ErrorChange, Stability } from "@streamgauge/core";
import type { Side } from "../state/half-table.js";

/** The figures of a lane over a window of event time; NaN for one that is undefined. */
export interface WindowFigures {
  /** Rows with a prediction, and those of them with a label. */
  readonly predicted: number;
  readonly labelled: number;
  /** Of the labelled rows of one model version: how many, and their errors. */
  readonly ofModel: { readonly labelled: number; readonly mae: number; readonly rmse: number };
  /** Of all labelled rows: mean of y_pred − y_true, and the 95 % quantile of the absolute error. NaN if they are of several model versions. */
  readonly bias: number;
  readonly p95: number;
  /** Of the labelled rows that had an announced interval: how many, and the share whose interval held the label; NaN if there are none. */
  readonly intervals: { readonly rows: number; readonly coverage: number };
  /** 95 % of the labels came within so many ms of their event time. */
  readonly lagP95Ms: number;
  /** What that is at least: it is known to within a factor of two. */
  readonly lagP95AtLeastMs: number;
}

/** How far rows have moved from those that their model was made with. */
export interface DriftFigures {
  readonly rows: number;
  /** Of each monitored feature, the most important first, and of y_pred. */
  readonly features: readonly (Stability & { readonly name: string })[];
}

/** What the detector of changes says of one direction, in one partition. */
export interface AlarmFigures {
  /** The partition whose rows it watches, from 1. */
  readonly partition: number;
  /** Errors that grow, or that shrink suddenly. */
  readonly kind: "worse" | "better";
  readonly isOn: boolean;
  /** The row of the log that raised the last alarm of this kind; 0 if there was none. */
  readonly raisedAtRow: number;
  /** The latest change that alarms of this kind are about; undefined if there was none. */
  readonly change: ErrorChange | undefined;
  /**
   * The segments of the partition's rows that stand out in the last day of the stream beside the hours before, or beside all other rows if there are none;
   * the greatest excess first. Empty if none does, or if nothing is known of the features.
   */
  segments(): readonly AlertSegment[];
}

/** The partitions of a lane whose figures are known. */
export interface KnownPartitions {
  readonly of: number;
  /** Those that do not answer, ascending. */
  readonly missing: readonly number[];
}

/** What came to the other partitions of a lane. */
export interface Elsewhere {
  /** When rows of each side last came, ms since 1970; undefined: never. */
  readonly lastAt: Readonly<Record<Side, number | undefined>>;
  /** The model version of the latest predictions; empty while none is known. */
  readonly model: string;
}

/** What rules are evaluated against: the state of a lane within one commit, and of its other partitions shortly before. */
export interface LaneFigures {
  /** Undefined while the other partitions are still asked: then nothing is concluded of the figures of rows. */
  readonly partitions: KnownPartitions | undefined;
  /** Rows of each side that came in to this partition so far. */
  readonly received: Readonly<Record<Side, number>>;
  /** What came to other partitions; undefined if there are none. */
  readonly elsewhere: Elsewhere | undefined;
  /** Messages in the dead letters; undefined while that is not known. */
  readonly deadLetters: number | undefined;
  /** The model version of the latest predictions of this partition; empty while none is known. */
  readonly model: string;
  /** The unit of the target; empty if it is not known. */
  readonly unit: string;
  /** Bytes of the log of this partition. */
  readonly logLength: number;
  /** What the detectors of changes say of a model version, by partition; empty while there is none. */
  alarms(model: string): readonly AlarmFigures[];
  /**
   * The figures of the rows that happened in the last `windowMs` of the stream, or `endedMs` earlier.
   *
   * @param endedMs - how long before the latest event time the window ends. @param model - the version that `ofModel` is about.
   * @returns undefined if no windows are kept.
   */
  over(windowMs: number, endedMs: number, model: string): WindowFigures | undefined;
  /**
   * The drift of the rows of a model version over hours of event time, up to that of the latest event.
   *
   * @param windowMs - whole hours. @returns undefined if nothing is known of the features.
   */
  drift(windowMs: number, model: string): DriftFigures | undefined;
}
