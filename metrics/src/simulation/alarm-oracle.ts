import { Alarms } from "../alarm/alarms.js";
import type { AlarmSettings } from "../alarm/alarm-settings.js";
import type { LaneAlarm } from "../alarm/raised-alarm.js";
import type { AlarmState } from "../alarm/saved-alarms.js";
import type { JoinState } from "../join/join-state.js";
import { HELD_OUT, MODEL, type PlannedRow } from "./traffic.js";

/** Rows are watched from the first one on, and raise alarms now and then. */
export const SIMULATED_ALARM: AlarmSettings = {
  every: { rows: 3 },
  tolerance: 0,
  referenceRows: 100,
  season: "none",
};

/**
 * Compares the alarms with those that the lines of the log raise in an undisturbed run, to the last bit.
 *
 * @param lines - of the log, without its header: id, y_true, y_pred. @throws Error on a difference.
 */
export function assertAlarms(lines: readonly (readonly string[])[], rows: readonly PlannedRow[], { store }: JoinState): void {
  const timeOf = new Map(rows.map(({ id, eventTime }) => [id, eventTime]));
  const column = (of: (line: readonly string[]) => number) => Float64Array.from(lines, of);
  const undisturbed = new Alarms(SIMULATED_ALARM, 0);
  undisturbed.predicted(MODEL, HELD_OUT);
  undisturbed.logged(
    {
      yTrue: column(([, yTrue]) => Number(yTrue)),
      yPred: column(([, , yPred]) => Number(yPred)),
      eventTimes: column(([id = ""]) => timeOf.get(id) ?? Number.NaN),
      model: MODEL,
    },
    [],
  );
  // Without any prediction there is nothing to know of the version.
  const expected = lines.length === 0 && store.alarms() === undefined ? undefined : undisturbed.takeChanges();
  equal("alarms", store.raisedAlarms().map(withoutTime), (expected?.raised ?? []).map(withoutTime));
  equal("state of the alarm", stateWithoutTimes(store.alarms()), stateWithoutTimes(expected?.state));
}

/** As text, with its fields in a fixed order. When an alarm was raised depends on the run. */
function withoutTime(alarm: LaneAlarm): string {
  return JSON.stringify({ ...alarm, version: 1, raisedAt: 0 }, ["version", ...Object.keys(alarm).sort()]);
}

/** The same of the changes that are kept. */
function stateWithoutTimes(state: AlarmState | undefined): AlarmState | undefined {
  return state?.changes === undefined ? state : { ...state, changes: state.changes.map((change) => ({ ...change, raisedAt: 0 })) };
}

function equal(what: string, actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}:\n    is       ${is}\n    expected ${should}`);
}
