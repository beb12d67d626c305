import type { HeldOutError } from "@streamgauge/core";
import { ModelAlarm } from "../alarm/model-alarm.js";
import { DEFAULT_ALARM, type AlarmSettings } from "../alarm/alarm-settings.js";
import type { RaisedAlarm } from "../alarm/raised-alarm.js";

/** A model whose errors are watched, from row 1 of the log on. */
export class WatchedModel {
  readonly alarm: ModelAlarm;
  readonly raised: RaisedAlarm[] = [];
  #rows = 0;

  constructor(settings: Partial<AlarmSettings> = {}, heldOut?: HeldOutError) {
    this.alarm = new ModelAlarm({ ...DEFAULT_ALARM, ...settings }, heldOut);
  }

  /** Adds errors. @param times - event times; default: none. @returns the alarms that they raise. */
  add(errors: Float64Array | readonly number[], times: readonly number[] | Float64Array = [], now = 0): readonly RaisedAlarm[] {
    const { length } = errors;
    const raised = this.alarm.add(
      {
        errors: Float64Array.from(errors),
        rows: Float64Array.from({ length }, (_, i) => this.#rows + i + 1),
        times: Float64Array.from({ length }, (_, i) => times[i] ?? Number.NaN),
      },
      now,
    );
    this.#rows += length;
    this.raised.push(...raised);
    return raised;
  }

  /** Adds `n` errors of a stream. */
  addFrom(losses: () => number, n: number): readonly RaisedAlarm[] {
    const raised: RaisedAlarm[] = [];
    for (let left = n; left > 0; left -= 4_096) raised.push(...this.add(Float64Array.from({ length: Math.min(left, 4_096) }, losses)));
    return raised;
  }
}
