import type { HeldOutError } from "@streamgauge/core";
import { GatheredRows } from "./alarm-rows.js";
import { changeKey, changesOf, withAlarm, type AlarmChange } from "./alarm-change.js";
import type { AlarmSettings } from "./alarm-settings.js";
import { ModelAlarm, type ModelAlarmState } from "./model-alarm.js";
import { ALARM_KINDS, type AlarmKind, type LaneAlarm, type RaisedAlarm } from "./raised-alarm.js";
import type { AlarmState, SavedModelAlarm } from "./saved-alarms.js";
import { packDoubles, unpackDoubles } from "../state/packed-doubles.js";

/** Rows that are logged in one step, in the order of the log; shapes [n]. */
export interface WatchedLines {
  readonly yTrue: Float64Array;
  readonly yPred: Float64Array;
  /** When they happened, ms since 1970; NaN if a row has no time. */
  readonly eventTimes: Float64Array;
  /** The model of all of them, or of the i-th: name and version, empty if the predictions have none. */
  readonly model: string | ((i: number) => string);
}

/** What a commit stores. */
export interface AlarmChanges {
  readonly state: AlarmState;
  /** The alarms that the rows of the commit raised, in the order of their rows. */
  readonly raised: readonly LaneAlarm[];
}

/** Versions of a model with an alarm of their own; the one used least recently is forgotten first. */
const MAX_MODELS = 8;

interface Watched {
  /** Said by the first predictions of the version, and kept from then on. */
  readonly heldOut: HeldOutError | undefined;
  readonly alarm: ModelAlarm;
  readonly rows: GatheredRows;
}

/**
 * The alarms of a lane: one for each version of its model, which begins with a reference of its own. A version that is not among
 * the eight used last is forgotten, and begins anew if it comes back.
 *
 * The join hands it lines within a commit. After a failed commit it no longer agrees with the store: discard it.
 */
export class Alarms {
  readonly #settings: AlarmSettings;
  /** In order of their last use. */
  readonly #models = new Map<string, Watched>();
  /** The latest change of each kind and version. An alarm that stays on is raised so often that the first one of it would not be kept otherwise. */
  readonly #changes = new Map<string, AlarmChange>();
  /** Lines of the log. */
  #lines: number;
  #count = 0;
  #raised: Omit<LaneAlarm, "number">[] = [];
  #hasChanged = false;
  /** The time of the current commit, ms since 1970. */
  #now = 0;

  /** @param lines - of the log, so far. */
  constructor(settings: AlarmSettings, lines: number) {
    this.#settings = settings;
    this.#lines = lines;
  }

  /** Begins a commit. @param now - ms since 1970. */
  begin(now: number): void {
    this.#now = now;
  }

  /** Predictions of a version came, and say what its error was on rows that it was not fitted on. Only the first ones of a version count. */
  predicted(model: string, heldOut: HeldOutError): void {
    if (!this.#models.has(model)) this.#use(model, heldOut);
  }

  /** Rows were logged. @param skipped - those that were not, ascending. */
  logged({ yTrue, yPred, eventTimes, model }: WatchedLines, skipped: readonly { readonly row: number }[]): void {
    let nextSkipped = 0;
    let [name, rows] = ["", undefined as GatheredRows | undefined];
    for (let i = 0; i < yTrue.length; i += 1) {
      if (skipped[nextSkipped]?.row === i) {
        nextSkipped += 1;
        continue;
      }
      const its = typeof model === "string" ? model : model(i);
      if (rows === undefined || its !== name) [name, rows] = [its, this.#use(its)];
      this.#lines += 1;
      rows.add(Math.abs((yTrue[i] ?? 0) - (yPred[i] ?? 0)), this.#lines, eventTimes[i] ?? Number.NaN);
    }
  }

  /** Where the rows of a model are gathered. */
  #use(model: string, heldOut?: HeldOutError): GatheredRows {
    const watched = this.#models.get(model) ?? { heldOut, alarm: new ModelAlarm(this.#settings, heldOut), rows: new GatheredRows() };
    this.#models.delete(model);
    this.#models.set(model, watched);
    this.#hasChanged = true;
    if (this.#models.size > MAX_MODELS) this.#forgetOldest();
    return watched.rows;
  }

  #forgetOldest(): void {
    for (const [oldest, watched] of this.#models) {
      this.#watch(oldest, watched);
      this.#models.delete(oldest);
      for (const kind of ALARM_KINDS) this.#changes.delete(changeKey({ kind, model: oldest }));
      return;
    }
  }

  #watch(model: string, { alarm, rows }: Watched): void {
    const raisedAt = this.#now;
    const raised: RaisedAlarm[] = alarm.add(rows.take(), raisedAt);
    for (const one of raised) this.#raised.push({ ...one, model, raisedAt });
  }

  /** Ends a commit: watches its rows. @returns what is to be stored; undefined if there were no rows. */
  takeChanges(): AlarmChanges | undefined {
    if (!this.#hasChanged) return undefined;
    this.#hasChanged = false;
    for (const [model, watched] of this.#models) this.#watch(model, watched);
    const raised = this.#raised.sort((one, other) => one.row - other.row).map((alarm) => ({ ...alarm, number: (this.#count += 1) }));
    this.#raised = [];
    for (const alarm of raised) if (this.#models.has(alarm.model)) this.#note(alarm);
    return { state: this.#state(), raised };
  }

  #note(alarm: LaneAlarm): void {
    const key = changeKey(alarm);
    this.#changes.set(key, withAlarm(this.#changes.get(key), alarm));
  }

  /** The latest change of a version that alarms of this kind are about; undefined if there was none. */
  change(model: string, kind: AlarmKind): AlarmChange | undefined {
    return this.#changes.get(changeKey({ model, kind }));
  }

  /** The latest changes of all versions. */
  get changes(): readonly AlarmChange[] {
    return [...this.#changes.values()];
  }

  /** Alarms since the lane began. */
  get count(): number {
    return this.#count;
  }

  /** The alarm of a version; undefined if it has none. */
  of(model: string): ModelAlarm | undefined {
    return this.#models.get(model)?.alarm;
  }

  /** The versions and their alarms, the one used last at the end. */
  list(): readonly { readonly model: string; readonly alarm: ModelAlarm }[] {
    return Array.from(this.#models, ([model, { alarm }]) => ({ model, alarm }));
  }

  #state(): AlarmState {
    const { season } = this.#settings;
    const models = Array.from(this.#models, ([model, { heldOut, alarm }]) => ({
      model,
      season,
      ...(heldOut === undefined ? {} : { heldOut }),
      ...packed(alarm),
    }));
    return { version: 2, count: this.#count, models, changes: this.changes };
  }

  /**
   * Continues from what was saved, with the same numbers to the last bit. References of another season begin anew.
   *
   * @param state - undefined in a new store. @param raised - the alarms that are kept, for a state of an earlier version, which has no changes. @returns a sentence for the user about each model whose reference begins anew.
   */
  restore(state: AlarmState | undefined, raised: readonly LaneAlarm[] = []): readonly string[] {
    const { count = 0, models = [], changes = changesOf(raised) } = state ?? {};
    const { season } = this.#settings;
    this.#count = count;
    const anew: string[] = [];
    for (const saved of models) {
      if (saved.season !== season)
        anew.push(`The reference of model ${saved.model} begins anew: ALARM_SEASON was ${saved.season} and is ${season}.`);
      else {
        const { heldOut } = saved;
        this.#models.set(saved.model, { heldOut, alarm: unpacked(saved, this.#settings), rows: new GatheredRows() });
      }
    }
    for (const change of changes) if (this.#models.has(change.model)) this.#changes.set(changeKey(change), change);
    return anew;
  }
}

const PARTS = ["numbers", "reference", "rate", "watch", "sharper"] as const satisfies readonly (keyof ModelAlarmState)[];

function packed({ state }: ModelAlarm): Pick<SavedModelAlarm, (typeof PARTS)[number]> {
  const { numbers, reference, rate, watch, sharper } = state;
  return {
    numbers: packDoubles(numbers),
    reference: packDoubles(reference),
    rate: packDoubles(rate),
    watch: packDoubles(watch),
    sharper: packDoubles(sharper),
  };
}

function unpacked(saved: SavedModelAlarm, settings: AlarmSettings): ModelAlarm {
  const alarm = new ModelAlarm(settings, saved.heldOut);
  for (const part of PARTS) unpackDoubles(saved[part], alarm.state[part]);
  alarm.restored();
  return alarm;
}
