import { NoStateError, withLaneState, type PartitionState } from "../lane-state.js";
import { Alarms, changesOf, type AlarmChange, type AlarmSettings, type LaneAlarm, type ModelAlarm } from "@streamgauge/metrics";

/** The alarm of a lane, as it is committed. */
export interface ReadAlarms {
  /** The versions of the model, the one used last at the end. */
  readonly models: readonly { readonly model: string; readonly alarm: ModelAlarm }[];
  /** Alarms since the lane began, and the last thousand of them. */
  readonly count: number;
  readonly raised: readonly LaneAlarm[];
  /** What these alarms are about, in the order of their first alarms. */
  readonly changes: readonly AlarmChange[];
  /** The file of the log that their rows are counted in; undefined if the lane has only one. */
  readonly log: string | undefined;
}

/** The alarm of a partition. */
export interface PartitionAlarms {
  /** Its name. */
  readonly partition: string;
  readonly alarms: ReadAlarms;
}

/** The folder has no alarms to show. */
export class NoAlarmsError extends Error {
  override readonly name = "NoAlarmsError";
  readonly logsDir: string;

  constructor(logsDir: string, lane: string) {
    super(`${logsDir} has no alarms of lane ${lane}: metrics has not logged a row there. Set LOGS_DIR to the folder of the log.`);
    this.logsDir = logsDir;
  }
}

/** Reads the alarm of each partition of a lane from its state, whether metrics runs or not. @throws NoAlarmsError */
export async function readAlarms(logsDir: string, lane: string, settings: AlarmSettings): Promise<readonly PartitionAlarms[]> {
  try {
    return await withLaneState(logsDir, lane, (parts) =>
      parts.map(({ partition, ...part }) => {
        const alarms = alarmsIn(part, settings);
        if (alarms === undefined) throw new NoAlarmsError(logsDir, partition);
        return { partition, alarms };
      }),
    );
  } catch (error) {
    throw error instanceof NoStateError ? new NoAlarmsError(logsDir, lane) : error;
  }
}

/** The alarm of a lane as a store has it; undefined in a store without it. Read in one turn of the event loop, so from one snapshot. */
export function alarmsIn({ store, logName }: Pick<PartitionState, "store" | "logName">, settings: AlarmSettings): ReadAlarms | undefined {
  const state = store.alarms();
  if (state === undefined) return undefined;
  const raised = store.raisedAlarms();
  // The season is that of metrics, which this process may not know.
  const season = state.models.at(-1)?.season ?? settings.season;
  const alarms = new Alarms({ ...settings, season }, 0);
  alarms.restore(state, raised);
  return { models: alarms.list(), count: alarms.count, raised, changes: allChanges(raised, alarms.changes), log: logName };
}

/** @param latest - of each kind and version, whose first alarms may be older than those that are kept. */
function allChanges(raised: readonly LaneAlarm[], latest: readonly AlarmChange[]): AlarmChange[] {
  const begun = changesOf(raised).filter(({ again }) => !again);
  const byNumber = new Map([...begun, ...latest].map((change) => [change.number, change]));
  return [...byNumber.values()].toSorted((one, other) => one.number - other.number);
}
