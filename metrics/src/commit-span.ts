import { beginOver, type Tracing } from "@streamgauge/core";
import type { Committed } from "./join/commit-cycle.js";

/**
 * Records a commit as a part of the trace of its first frame that is sampled, linked with the others.
 *
 * @param now - its end, ms since 1970.
 */
export function traceCommit(tracing: Tracing, lane: string, { frames, logged, took }: Committed, now: number): void {
  const attributes = { "messaging.batch.message_count": frames.length, "streamgauge.rows": logged, "streamgauge.lane": lane };
  const spans = frames.map(({ span }) => span);
  beginOver(tracing, "commit", spans, attributes, now - took)?.end(undefined, now);
}
