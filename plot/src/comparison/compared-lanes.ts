import type { ComparisonSummary } from "./comparison.js";

/** What a picture shows beside the comparison itself. */
export interface ComparedLanes extends ComparisonSummary {
  readonly missed: number;
  readonly champion: string;
  readonly challenger: string;
  /** The target's unit; empty if unknown. */
  readonly unit: string;
  readonly time: Date;
}
