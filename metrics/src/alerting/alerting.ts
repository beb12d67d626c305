import type { Alert } from "@streamgauge/core";
import type { Side } from "../state/half-table.js";
import { Activity } from "./activity.js";
import type { LaneFigures } from "./lane-figures.js";
import { Outbox, type OutboxEntry } from "./outbox.js";
import { RuleWatch, type AlertPlace } from "./rule-watch.js";
import type { Rule } from "./rules/rule.js";
import type { SavedAlertHistory, SavedAlerting, SavedRule } from "./saved-alerting.js";

/** Rules are evaluated at most this often, in ms, and also when no row comes. */
export const LOOK_MS = 1_000;
/** A model version counts as replaced when the next one has predicted alone for so long, in ms: processes change over one by one. */
const MODEL_SETTLES_MS = 10_000;
/** Past alerts that are kept for `streamgauge alerts`. */
const MAX_HISTORY = 100;

export interface AlertingOptions extends AlertPlace {
  /** The rules of the lane. */
  readonly rules: readonly Rule[];
  /** As it was committed last; undefined in a new store. */
  readonly saved: SavedAlerting | undefined;
  readonly history: SavedAlertHistory | undefined;
  /** Whether no alert of a rule is to be sent now. */
  readonly isSilenced: (rule: string, now: number) => boolean;
  /** Now, ms since 1970. */
  readonly openedAt: number;
  /** Partitions of the lane. Default: 1. */
  readonly partitions?: number;
}

/** What a commit stores; undefined for what has not changed. */
export interface AlertingChanges {
  readonly state: SavedAlerting | undefined;
  readonly history: SavedAlertHistory | undefined;
}

/**
 * The rules of a lane, and the alerts on their way to the broker. It changes within commits only; after a failed commit it no longer
 * agrees with the store: discard it.
 */
export class Alerting {
  readonly #options: AlertingOptions;
  readonly #watches: readonly RuleWatch[];
  readonly #activity: Activity;
  readonly #outbox: Outbox;
  #removed: readonly SavedRule[];
  #history: readonly Alert[];
  #logLength: number;
  #lookedAt = -Infinity;
  #model: string;
  /** The version that predicts lately, and since when. */
  #next: { readonly model: string; readonly since: number } | undefined;
  #confirmed = new Set<number>();
  #changed = false;
  #historyChanged = false;

  constructor(options: AlertingOptions) {
    const { rules, saved, history } = options;
    this.#options = options;
    const ofRule = new Map(saved?.rules.map((each) => [each.rule, each]));
    this.#watches = rules.map((rule) => new RuleWatch(rule, options, ofRule.get(rule.name)));
    const names = rules.map(({ name }) => name);
    this.#removed = saved?.rules.filter(({ rule, phase }) => phase === "firing" && !names.includes(rule)) ?? [];
    this.#activity = new Activity(saved?.activity);
    this.#activity.keep(names);
    // In a new store every alarm is new. For a rule that comes later those of the past are not.
    if (saved === undefined) this.#seeNoAlarms();
    this.#outbox = new Outbox(saved?.outbox);
    this.#history = history?.alerts ?? [];
    this.#logLength = saved?.logLength ?? 0;
    this.#model = saved?.model ?? "";
  }

  #seeNoAlarms(): void {
    const { rules, partitions = 1 } = this.#options;
    for (const { kind, name } of rules)
      for (let partition = 1; partition <= partitions; partition += 1)
        if (kind === "error_alarm") this.#activity.isNewAlarm(name, 0, partition);
  }

  /** The model version that rules of a model are about; empty while none is known. */
  get model(): string {
    return this.#model;
  }

  /** When rows of each side last came to this partition, ms since 1970; null: never. */
  get lastAt(): Readonly<Record<Side, number | null>> {
    return this.#activity.save().lastAt;
  }

  /** The rules, and whether an alert of each fires. */
  get rules(): readonly { readonly name: string; readonly severity: Rule["severity"]; readonly isFiring: boolean }[] {
    return this.#watches.map(({ rule: { name, severity }, firing }) => ({ name, severity, isFiring: firing !== undefined }));
  }

  /** The alerts that fire. */
  get firing(): readonly Alert[] {
    return this.#watches.flatMap(({ firing }) => firing ?? []);
  }

  /** The alerts that the broker has not confirmed, oldest first, and how many were left out. */
  get outbox(): { readonly entries: readonly OutboxEntry[]; readonly dropped: number } {
    return this.#outbox;
  }

  /** Whether there is something to do within a commit. @param now - ms since 1970. */
  isDue(now: number): boolean {
    return this.#confirmed.size > 0 || now >= this.#lookedAt + LOOK_MS || now < this.#lookedAt;
  }

  /** How long until it is due, in ms. */
  dueIn(now: number): number {
    return this.isDue(now) ? 0 : this.#lookedAt + LOOK_MS - now;
  }

  /** Looks at the rules, if that is due. @returns whether there is something to store. */
  look(figures: LaneFigures, now: number): boolean {
    this.#removeConfirmed();
    if (now >= this.#lookedAt && now < this.#lookedAt + LOOK_MS) return this.#changed;
    this.#lookedAt = now;
    const before = JSON.stringify(this.#stateOfRules());
    if (this.#activity.note(figures.received, now)) this.#changed = true;
    this.#endRemoved(figures, now);
    this.#settleModel(this.#latestModel(figures), now);
    const observed = { figures, model: this.#model, activity: this.#activity, now, openedAt: this.#options.openedAt };
    for (const watch of this.#watches) {
      const wasSent = watch.isSent;
      const ended = watch.look(observed, this.#logLength);
      if (ended !== undefined) this.#resolve(ended, wasSent);
      this.#raise(watch, now);
    }
    this.#logLength = figures.logLength;
    if (JSON.stringify(this.#stateOfRules()) !== before) this.#changed = true;
    return this.#changed;
  }

  /** What decides alerts, without what changes with every look. */
  #stateOfRules(): unknown {
    const { deadLetters, alarms } = this.#activity.save();
    return [this.#model, this.#watches.map((watch) => watch.save()), deadLetters, alarms];
  }

  /** That of the predictions that came last to any partition. */
  #latestModel({ model, elsewhere }: LaneFigures): string {
    if (elsewhere === undefined || elsewhere.model === "") return model;
    return model === "" || (elsewhere.lastAt.y_pred ?? -Infinity) > (this.#activity.lastAt("y_pred") ?? -Infinity)
      ? elsewhere.model
      : model;
  }

  #settleModel(latest: string, now: number): void {
    if (latest === "" || latest === this.#model) this.#next = undefined;
    else if (this.#next?.model !== latest || now < this.#next.since) this.#next = { model: latest, since: now };
    if (this.#next === undefined || (this.#model !== "" && now - this.#next.since < MODEL_SETTLES_MS)) return;
    this.#model = this.#next.model;
    this.#next = undefined;
  }

  #removeConfirmed(): void {
    if (this.#confirmed.size === 0) return;
    this.#outbox.remove(this.#confirmed);
    this.#confirmed = new Set();
    this.#changed = true;
  }

  /** Ends alerts of rules that are no longer in the file. */
  #endRemoved(figures: LaneFigures, now: number): void {
    for (const { alert, isSent } of this.#removed) {
      if (alert === null) continue;
      const summary = `The rule ${alert.rule} was taken out of the rules.`;
      const log = alert.log === null ? null : { ...alert.log, to: Math.max(alert.log.from, figures.logLength) };
      this.#resolve({ ...alert, state: "resolved", summary, value: null, resolved_at: new Date(now).toISOString(), log }, isSent);
    }
    this.#removed = [];
  }

  /** Sends a firing alert once, when no silence holds it back. */
  #raise(watch: RuleWatch, now: number): void {
    const { firing } = watch;
    if (firing === undefined || watch.isSent || this.#options.isSilenced(firing.rule, now)) return;
    watch.isSent = true;
    this.#outbox.add(firing);
    this.#changed = true;
  }

  /** The end of an alert that was not sent, because it was silenced, is not sent either. */
  #resolve(alert: Alert, wasSent: boolean): void {
    if (wasSent) this.#outbox.add(alert);
    this.#history = [...this.#history, alert].slice(-MAX_HISTORY);
    this.#historyChanged = true;
    this.#changed = true;
  }

  /** The broker has these. They leave the outbox with the next commit. */
  confirm(sequence: number): void {
    if (this.#outbox.entries.some((entry) => entry.sequence === sequence)) this.#confirmed.add(sequence);
  }

  /** What the commit is to store. Call it once a commit. */
  takeChanges(): AlertingChanges {
    const state: SavedAlerting | undefined = this.#changed
      ? {
          version: 1,
          rules: this.#watches.map((watch) => watch.save()),
          outbox: this.#outbox.save(),
          activity: this.#activity.save(),
          logLength: this.#logLength,
          model: this.#model,
        }
      : undefined;
    const history: SavedAlertHistory | undefined = this.#historyChanged ? { version: 1, alerts: this.#history } : undefined;
    this.#changed = false;
    this.#historyChanged = false;
    return { state, history };
  }
}
