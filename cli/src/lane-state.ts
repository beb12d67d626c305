import { existsSync } from "node:fs";
import { CHAMPION, lanesIn, LanePartition, readPartitions } from "@streamgauge/core";
import { lanePaths, type LanePaths } from "@streamgauge/core/metric-log";
import { StateStore } from "@streamgauge/metrics";

/** There is no state of a lane to read. */
export class NoStateError extends Error {
  override readonly name = "NoStateError";
  readonly logsDir: string;

  constructor(logsDir: string, partition: Pick<LanePartition, "lane" | "index" | "of">) {
    super(noStateText(logsDir, partition));
    this.logsDir = logsDir;
  }
}

function noStateText(logsDir: string, { lane, index, of }: Pick<LanePartition, "lane" | "index" | "of">): string {
  const lanes = lanesIn(logsDir, of);
  if (lanes.includes(lane) && of > 1)
    return (
      `${logsDir} has no state of partition ${index} of ${of} of lane ${lane} yet, and only all partitions are the lane: start metrics with ` +
      `PARTITIONS=${of} PARTITION=${index}${lane === CHAMPION ? "" : ` LANE=${lane}`} there, and run this again.`
    );
  const others = lanes.filter((each) => each !== lane);
  if (others.length > 0)
    return `${logsDir} has no state of lane ${lane}. Its lanes are ${others.join(", ")}: choose one with --lane, or set LOGS_DIR to the folder of another log.`;
  return `${logsDir} has no state of lane ${lane}: metrics has not run there. Set LOGS_DIR to the folder of the log.`;
}

/** The state of a partition. */
export interface PartitionState {
  /** Its name. */
  readonly partition: string;
  /** The file of its log; undefined if the lane has only one. */
  readonly logName: string | undefined;
  readonly store: StateStore;
}

/** A partition in LOGS_DIR. */
export interface StoredPartition extends PartitionState {
  readonly paths: LanePaths;
}

/** Reads the state that metrics keeps of each partition of a lane in LOGS_DIR, whether metrics runs or not. @throws NoStateError if one has none */
export async function withLaneState<T>(
  logsDir: string,
  lane: string,
  read: (parts: readonly StoredPartition[]) => T | Promise<T>,
): Promise<T> {
  return withStatesOf(logsDir, LanePartition.all(lane, readPartitions(logsDir)), read);
}

/** Reads what the first partition of a lane keeps for all of them: rules and alerts. @throws NoStateError if it has no state */
export async function withFirstState<T>(logsDir: string, lane: string, read: (store: StateStore) => T): Promise<T> {
  const first = new LanePartition(lane, 1, readPartitions(logsDir));
  const [result] = await withStatesOf(logsDir, [first], (parts) => parts.map(({ store }) => read(store)));
  if (result === undefined) throw new NoStateError(logsDir, first);
  return result;
}

async function withStatesOf<T>(
  logsDir: string,
  partitions: readonly LanePartition[],
  read: (parts: readonly StoredPartition[]) => T | Promise<T>,
): Promise<T> {
  const missing = partitions.find((partition) => !existsSync(lanePaths(logsDir, partition).state));
  if (missing !== undefined) throw new NoStateError(logsDir, missing);
  const parts = partitions.map((partition) => {
    const paths = lanePaths(logsDir, partition);
    return { partition: partition.name, logName: partition.logName, paths, store: StateStore.openReadOnly(paths.state) };
  });
  try {
    return await read(parts);
  } finally {
    for (const { store } of parts) await store.close();
  }
}
