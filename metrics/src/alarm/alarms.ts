import type { AlarmSettings } from "./alarm-settings.js";
import { ModelAlarm } from "./model-alarm.js";
import type { LaneAlarm } from "./raised-alarm.js";
import type { AlarmState, SavedModelAlarm } from "./saved-alarms.js";
import { packDoubles, unpackDoubles } from "../state/packed-doubles.js";

/** Logged rows of one model in the order of the log; shapes [n]. */
export interface LoggedRows {
  /** Name and version; empty if the predictions have none. */
  readonly model: string;
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
  /** Event times, ms since 1970, NaN if a row has none; left out if no row has one. */
  readonly eventTimes?: Float64Array | undefined;
  /** Their rows in the log, counted from 1: the first, if they follow each other, or all. */
  readonly rows: number | Float64Array;
}

/** Versions of a model with an alarm of their own; the one used least recently is forgotten first. */
const MAX_MODELS = 8;

/**
 * The alarms of a lane: one for each version of its model, which begins with a reference of its own. A version that is not among
 * the eight used last is forgotten, and begins anew if it comes back.
 */
export class Alarms {
  readonly #settings: AlarmSettings;
  /** In order of their last use. */
  readonly #models = new Map<string, ModelAlarm>();
  #count = 0;
  #raised: LaneAlarm[] = [];

  constructor(settings: AlarmSettings) {
    this.#settings = settings;
  }

  /** Takes in logged rows. @param now - ms since 1970. @returns the alarms that they raise, in order. */
  add({ model, yTrue, yPred, eventTimes, rows }: LoggedRows, now: number): readonly LaneAlarm[] {
    const { length } = yTrue;
    if (length === 0) return [];
    const columns = {
      errors: yTrue.map((value, row) => Math.abs(value - (yPred[row] ?? 0))),
      rows: typeof rows === "number" ? Float64Array.from({ length }, (_, row) => rows + row) : rows,
      times: eventTimes ?? new Float64Array(length).fill(Number.NaN),
    };
    const raised = this.#use(model)
      .add(columns, now)
      .map((alarm) => ({ ...alarm, model, raisedAt: now, number: (this.#count += 1) }));
    this.#raised.push(...raised);
    return raised;
  }

  /** Alarms since the lane began. */
  get count(): number {
    return this.#count;
  }

  /** The alarms that were raised since the last call. */
  takeRaised(): readonly LaneAlarm[] {
    const raised = this.#raised;
    this.#raised = [];
    return raised;
  }

  /** The versions and their alarms, the one used last at the end. */
  get models(): ReadonlyMap<string, ModelAlarm> {
    return this.#models;
  }

  #use(model: string): ModelAlarm {
    const alarm = this.#models.get(model) ?? new ModelAlarm(this.#settings, model);
    this.#models.delete(model);
    this.#models.set(model, alarm);
    if (this.#models.size > MAX_MODELS) {
      const [oldest = ""] = this.#models.keys();
      this.#models.delete(oldest);
    }
    return alarm;
  }

  /** What is saved. */
  state(): AlarmState {
    const { season } = this.#settings;
    const models = Array.from(this.#models, ([model, alarm]) => ({ model, season, ...packed(alarm) }));
    return { version: 1, count: this.#count, models };
  }

  /**
   * Continues from what was saved, with the same numbers to the last bit. References of another season begin anew.
   *
   * @returns the models whose reference begins anew.
   */
  restore({ count, models }: AlarmState): readonly string[] {
    this.#count = count;
    const anew: string[] = [];
    for (const saved of models) {
      if (saved.season === this.#settings.season) this.#models.set(saved.model, unpacked(saved, this.#settings));
      else anew.push(saved.model);
    }
    return anew;
  }
}

function packed({ numbers, reference, rate, watch }: ModelAlarm): Omit<SavedModelAlarm, "model" | "season"> {
  return {
    numbers: packDoubles(numbers),
    reference: packDoubles(reference.state),
    rate: packDoubles(rate.state),
    watch: packDoubles(watch.state),
  };
}

function unpacked(saved: SavedModelAlarm, settings: AlarmSettings): ModelAlarm {
  const alarm = new ModelAlarm(settings, saved.model);
  unpackDoubles(saved.numbers, alarm.numbers);
  unpackDoubles(saved.reference, alarm.reference.state);
  unpackDoubles(saved.rate, alarm.rate.state);
  unpackDoubles(saved.watch, alarm.watch.state);
  alarm.restored();
  return alarm;
}
