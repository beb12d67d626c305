import type { WindowSize } from "@streamgauge/core/windows";

/** What a report is to show. */
export interface ReportRequest {
  readonly lane: string;
  /** A model version; empty: all. */
  readonly model: string;
  readonly size: WindowSize;
  /** Windows that begin at this time or later, and before `to`; ms since 1970 or ±Infinity. */
  readonly from: number;
  readonly to: number;
  /** The time at which windows have their state, ms since 1970. */
  readonly now: number;
  /** ms since 1970. */
  readonly writtenAt: number;
  /** Of streamgauge. */
  readonly version: string;
}
