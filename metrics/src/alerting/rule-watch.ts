import { episodeOf, fingerprintOf, LanePartition, MAX_SUMMARY, type Alert } from "@streamgauge/core";
import { describeFiring, describeResolved } from "./describe-alert.js";
import { observe, type Observation, type Observed } from "./observe.js";
import { isOfModel, windowOf, type Rule } from "./rules/rule.js";
import type { SavedRule } from "./saved-alerting.js";
import { OK, step, type RuleState } from "./state-machine.js";

/** What an alert says of where it comes from. */
export interface AlertPlace {
  readonly lane: string;
  /** The page that shows the errors; undefined if there is none. */
  readonly pageUrl: string | undefined;
  /** The name of the log; undefined if the lane has several. */
  readonly logFile: string | undefined;
}

/** One rule of one lane, over time. */
export class RuleWatch {
  readonly rule: Rule;
  readonly #place: AlertPlace;
  #state: RuleState = OK;
  #model = "";
  #logFrom = 0;
  #alert: Alert | undefined;
  /** Whether the alert that fires was sent. */
  isSent = false;

  constructor(rule: Rule, place: AlertPlace, saved: SavedRule | undefined) {
    this.rule = rule;
    this.#place = place;
    if (saved === undefined) return;
    this.#state = stateOf(saved);
    this.#model = saved.model;
    this.#logFrom = saved.logFrom;
    this.#alert = saved.alert ?? undefined;
    this.isSent = saved.isSent;
  }

  /** The alert that fires; undefined if none does. */
  get firing(): Alert | undefined {
    return this.#alert;
  }

  get phase(): RuleState["phase"] {
    return this.#state.phase;
  }

  /**
   * Looks at the rule once.
   *
   * @param logLength - where the log ended when it was looked at before.
   * @returns the alert that ended; undefined if none did. What fires is in `firing`.
   */
  look(observed: Observed, logLength: number): Alert | undefined {
    const model = isOfModel(this.rule) ? observed.model : "";
    const observation = withLog(observe(this.rule, observed), this.#place.lane);
    let ended: Alert | undefined;
    if (this.#state.phase !== "ok" && model !== this.#model) {
      ended = this.end(`The model ${this.#model} was replaced by ${model}.`, observed);
    }
    const before = this.#state;
    const { state, event } = step(before, observation.holds, observed.now, this.rule);
    this.#state = state;
    if (before.phase === "ok" && state.phase !== "ok") {
      this.#model = model;
      this.#logFrom = logLength;
    }
    if (event === "firing") this.#fire(observation, observed);
    return event === "resolved" ? this.#resolve(describeResolved(this.rule, observation), observation.value, observed) : ended;
  }

  #fire(observation: Observation, { figures, now }: Observed): void {
    const { rule } = this;
    const { lane, pageUrl, logFile } = this.#place;
    const since = this.#state.phase === "firing" ? this.#state.since : now;
    const subject = { rule: rule.name, lane, model: this.#model };
    const fingerprint = fingerprintOf(subject);
    const windowMs = windowOf(rule);
    this.isSent = false;
    this.#alert = {
      ...subject,
      fingerprint,
      episode: episodeOf(fingerprint, now),
      state: "firing",
      test: false,
      kind: rule.kind,
      severity: rule.severity,
      summary: describeFiring(rule, observation).slice(0, MAX_SUMMARY),
      value: finite(observation.value),
      bound: finite(observation.bound),
      unit: observation.unit,
      window_s: windowMs === undefined ? null : windowMs / 1000,
      since: timeText(since),
      fired_at: timeText(now),
      resolved_at: null,
      segments: observation.segments?.() ?? [],
      ...(observation.change === undefined ? {} : { change: observation.change.is }),
      page_url: pageUrl ?? null,
      log: logFile === undefined ? null : { file: logFile, from: Math.min(this.#logFrom, figures.logLength), to: figures.logLength },
    };
  }

  /** Ends what is pending or fires, whatever the figure says. @returns the alert that ended; undefined if none fired. */
  end(why: string, observed: Pick<Observed, "figures" | "now">): Alert | undefined {
    this.#state = OK;
    return this.#alert === undefined ? undefined : this.#resolve(why, Number.NaN, observed);
  }

  #resolve(summary: string, value: number, { figures, now }: Pick<Observed, "figures" | "now">): Alert | undefined {
    const alert = this.#alert;
    this.#alert = undefined;
    if (alert === undefined) return undefined;
    const log = alert.log === null ? null : { ...alert.log, to: Math.max(alert.log.from, figures.logLength) };
    return { ...alert, state: "resolved", summary: summary.slice(0, MAX_SUMMARY), value: finite(value), resolved_at: timeText(now), log };
  }

  save(): SavedRule {
    const state = this.#state;
    return {
      rule: this.rule.name,
      phase: state.phase,
      since: state.phase === "ok" ? null : state.since,
      firedAt: state.phase === "firing" ? state.firedAt : null,
      clearSince: state.phase === "firing" ? (state.clearSince ?? null) : null,
      model: this.#model,
      logFrom: this.#logFrom,
      alert: this.#alert ?? null,
      isSent: this.isSent,
    };
  }
}

/** Names the log of a change in a lane that has several. */
function withLog(observation: Observation, lane: string): Observation {
  const { change, partitions } = observation;
  if (change === undefined || partitions === undefined) return observation;
  const { logName: log } = new LanePartition(lane, change.in, partitions.of);
  return log === undefined ? observation : { ...observation, change: { ...change, is: { ...change.is, log } } };
}

/** A saved state; a firing one without its alert does not occur, and counts as ok. */
function stateOf({ phase, since, firedAt, clearSince, alert }: SavedRule): RuleState {
  if (phase === "pending" && since !== null) return { phase, since };
  if (phase === "firing" && since !== null && firedAt !== null && alert !== null)
    return { phase, since, firedAt, clearSince: clearSince ?? undefined };
  return OK;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** @param ms - since 1970. */
function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
