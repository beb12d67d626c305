import type { Environment } from "./service-process.js";
import type { Pipeline } from "./pipeline.js";

/** Sources that run side by side, so that each queue carries single rows and frames, JSON and Arrow. */
const SOURCES: readonly Environment[] = [
  { FRAME_ROWS: "1", FRAME_FORMAT: "json" },
  { FRAME_ROWS: "256", FRAME_FORMAT: "json" },
  { FRAME_ROWS: "2048", FRAME_FORMAT: "arrow" },
];
const PACES = ["500", "3000", "10000"];

/** The environment of the first source; the others are added by `addMixedSources`. */
export const FIRST_OF_MIXED: Environment = { ...SOURCES[0], ROWS_PER_SECOND: PACES[0] ?? "" };

/** Adds the other sources at a pace that leaves the machine time for restarts. */
export function addMixedSources(pipeline: Pipeline): void {
  for (const [i, env] of SOURCES.entries()) if (i > 0) pipeline.addSource({ ...env, ROWS_PER_SECOND: PACES[i] ?? "" });
}
