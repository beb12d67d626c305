import { existsSync } from "node:fs";
import { LanePartition } from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import { StateStore } from "@streamgauge/metrics";

/** There is no state of a lane to read. */
export class NoStateError extends Error {
  override readonly name = "NoStateError";
  readonly logsDir: string;

  constructor(logsDir: string, lane: string) {
    super(`${logsDir} has no state of lane ${lane}: metrics has not run there. Set LOGS_DIR to the folder of the log.`);
    this.logsDir = logsDir;
  }
}

/** Reads the state that metrics keeps of a lane in LOGS_DIR, whether metrics runs or not. @throws NoStateError */
export async function withLaneState<T>(logsDir: string, lane: string, read: (store: StateStore) => T): Promise<T> {
  const { state } = lanePaths(logsDir, new LanePartition(lane));
  if (!existsSync(state)) throw new NoStateError(logsDir, lane);
  const store = StateStore.openReadOnly(state);
  try {
    return read(store);
  } finally {
    await store.close();
  }
}
