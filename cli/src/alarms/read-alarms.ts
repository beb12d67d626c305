import { NoStateError, withLaneState } from "../lane-state.js";
import { Alarms, type StateStore, type AlarmSettings, type LaneAlarm, type ModelAlarm } from "@streamgauge/metrics";

/** The alarm of a lane, as it is committed. */
export interface ReadAlarms {
  /** The versions of the model, the one used last at the end. */
  readonly models: readonly { readonly model: string; readonly alarm: ModelAlarm }[];
  /** Alarms since the lane began, and the last thousand of them. */
  readonly count: number;
  readonly raised: readonly LaneAlarm[];
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
      parts.map(({ partition, store }) => {
        const alarms = alarmsIn(store, settings);
        if (alarms === undefined) throw new NoAlarmsError(logsDir, partition);
        return { partition, alarms };
      }),
    );
  } catch (error) {
    throw error instanceof NoStateError ? new NoAlarmsError(logsDir, lane) : error;
  }
}

/** The alarm of a lane as a store has it; undefined in a store without it. Read in one turn of the event loop, so from one snapshot. */
export function alarmsIn(store: StateStore, settings: AlarmSettings): ReadAlarms | undefined {
  const state = store.alarms();
  if (state === undefined) return undefined;
  const raised = store.raisedAlarms();
  // The season is that of metrics, which this process may not know.
  const season = state.models.at(-1)?.season ?? settings.season;
  const alarms = new Alarms({ ...settings, season }, 0);
  alarms.restore(state);
  return { models: alarms.list(), count: alarms.count, raised };
}
