import type { Reference } from "@streamgauge/core";
import { NoStateError, withLaneState } from "../lane-state.js";

/** The frozen reference of a model version that has none of its own, from the state that metrics keeps in LOGS_DIR. @returns undefined if no lane has one. */
export async function readFirstReference(logsDir: string, lanes: readonly string[], model: string): Promise<Reference | undefined> {
  for (const lane of lanes) {
    const reference = await ofLane(logsDir, lane, model);
    if (reference !== undefined) return reference;
  }
  return undefined;
}

async function ofLane(logsDir: string, lane: string, model: string): Promise<Reference | undefined> {
  try {
    return await withLaneState(logsDir, lane, (parts) => parts.flatMap(({ store }) => store.features.firstReference(model) ?? [])[0]);
  } catch (error) {
    if (error instanceof NoStateError) return undefined;
    throw error;
  }
}
