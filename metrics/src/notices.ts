import {
  forEachMetric,
  mae,
  METRICS_EXCHANGE,
  type AlarmNotice,
  type AlertNotice,
  type CorrectedNotice,
  type HourNotice,
  type IntervalNotice,
  type LagNotice,
  statisticsJson,
  writeNotice,
  writeSums,
  type Bus,
  type LanePartition,
} from "@streamgauge/core";
import type { ErrorWindow } from "@streamgauge/core/windows";
import { errorChange } from "./alarm/alarm-change.js";
import { correctedFigures } from "./corrections/corrected-figures.js";
import { windowOver } from "./join/state-figures.js";
import { ALARM_KINDS } from "./alarm/raised-alarm.js";
import type { Committed } from "./join/commit-cycle.js";
import type { OpenJoin } from "./join/open-join.js";
import type { HalfFrame } from "./join/half-frame.js";

/** The least time between two notices, in ms. */
const NOTICE_MS = 100;
/** The hour that notices tell of, in ms. */
const HOUR_MS = 3_600_000;
/** How old the figures of the hour, and the corrected ones, may be, in ms: they take some ms. */
const FRESH_MS = 1_000;

/** Figures that are computed once a second at most. */
interface SlowFigures {
  readonly hour: HourNotice | undefined;
  readonly corrected: CorrectedNotice | undefined;
  /** Of one partition of several. */
  readonly sums?: string;
}

/** Broadcasts what was logged, and which alerts fire: at once, and then at most ten times a second. */
export class Notices {
  readonly #bus: Bus;
  readonly #partition: LanePartition;
  readonly #join: () => OpenJoin | undefined;
  readonly #diskFullIn: () => number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;
  #slow: SlowFigures = { hour: undefined, corrected: undefined };
  #slowAt = -Infinity;
  #latest: Pick<HalfFrame, "model" | "unit"> = { model: "", unit: "" };
  #lag: LagNotice | undefined;
  /** The alerts that fire, as they were said last. */
  #saidAlerts = "[]";

  /** @param join - the current join; undefined while it does not run. @param diskFullIn - seconds, while a full disk is near. */
  constructor(
    bus: Bus,
    partition: LanePartition,
    join: () => OpenJoin | undefined,
    diskFullIn: () => number | undefined = () => undefined,
  ) {
    this.#bus = bus;
    this.#partition = partition;
    this.#join = join;
    this.#diskFullIn = diskFullIn;
  }

  /** The unit of the latest predictions; empty if they do not say. */
  get unit(): string {
    return this.#latest.unit;
  }

  /** @param now - ms since 1970. */
  onCommit({ frames, logged, corrected }: Committed, now: number): void {
    const predictions = frames.findLast(({ side, length }) => side === "y_pred" && length > 0);
    if (predictions !== undefined) this.#lag = lagNotice(predictions, now);
    this.#latest = frames.findLast(({ model, length }) => model !== "" && length > 0) ?? this.#latest;
    if (logged === 0 && corrected === 0 && this.#saidAlerts === this.#alertsNow()) return;
    // Who corrects a label looks for what it changes.
    if (corrected > 0) this.#slowAt = -Infinity;
    const wait = this.#last + NOTICE_MS - performance.now();
    if (wait <= 0) this.#publish();
    else this.#timer ??= setTimeout(() => this.#publish(), wait);
  }

  /** Says how the lane is, as it is committed: to a gateway that has just started, or that knew an earlier process. Nothing before the first row. */
  announce(): void {
    const join = this.#join();
    if (join === undefined || (join.state.log.lines === 0 && this.#alertsNow() === "[]")) return;
    this.#slowAt = -Infinity;
    this.#publish();
  }

  /** The episodes that fire, as one text. */
  #alertsNow(): string {
    return JSON.stringify(this.#join()?.state.alerting?.firing.map(({ episode }) => episode) ?? []);
  }

  /** Publishes a notice that waits for its time. */
  flush(): void {
    if (this.#timer !== undefined) this.#publish();
  }

  #publish(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const join = this.#join();
    if (join === undefined) return;
    this.#last = performance.now();
    const { unit } = this.#latest;
    // Before the first predictions, the version that rows were logged of last.
    const model = this.#latest.model || (join.state.alarms.list().at(-1)?.model ?? "");
    this.#saidAlerts = this.#alertsNow();
    const logged = join.state.log.statistics;
    const statistics = statisticsJson(logged.count, logged.values());
    const rows = join.cycle.takeLatest();
    const { lane, name, of } = this.#partition;
    const part = of === 1 ? {} : { partition: name };
    const notice = { lane, ...part, model, unit, statistics, alarm: this.#alarm(join, model), ...this.#slowOf(join), rows };
    this.#bus.broadcast(
      METRICS_EXCHANGE,
      writeNotice({
        ...notice,
        alerts: alertNotices(join),
        interval: intervalNotice(join, model),
        lag: this.#lag,
        disk_full_in_s: this.#diskFullIn(),
      }),
    );
  }

  /** The alarm on the error of a model; undefined if none of its rows was logged yet. */
  #alarm({ state }: OpenJoin, model: string): AlarmNotice | undefined {
    const alarm = state.alarms.of(model);
    if (alarm === undefined) return undefined;
    const kind = ALARM_KINDS.find((each) => alarm.isOn(each));
    if (kind === undefined) return { state: alarm.baseline === undefined ? "reference" : "ok" };
    const change = state.alarms.change(model, kind);
    return { state: kind, row: alarm.last(kind)?.row, change: change && errorChange(change, this.#partition.logName) };
  }

  #slowOf({ state }: OpenJoin): SlowFigures {
    const now = performance.now();
    if (now < this.#slowAt + FRESH_MS) return this.#slow;
    this.#slowAt = now;
    this.#slow = { hour: hourNotice(windowOver(state, HOUR_MS)), corrected: correctedNotice(state) };
    // Not in the notices between: they are not small.
    return this.#partition.of === 1 ? this.#slow : { ...this.#slow, sums: writeSums(state.log.statistics.save()) };
  }
}

/** @param now - ms since 1970. */
function lagNotice({ origin, receivedAt }: HalfFrame, now: number): LagNotice {
  const since = (time: number) => Math.max(0, time - origin) / 1_000;
  return { predicted_s: since(receivedAt), logged_s: since(now) };
}

function correctedNotice(state: OpenJoin["state"]): CorrectedNotice | undefined {
  const values = correctedFigures(state);
  if (values === undefined) return undefined;
  // A figure that lost its digits is no overflow: it is null without a reason.
  const figures = forEachMetric(({ name }) => (Number.isFinite(values[name]) ? values[name] : null));
  return { corrections: state.corrections.balance.applied, statistics: { count: state.log.statistics.count, ...figures } };
}

function hourNotice(window: ErrorWindow | undefined): HourNotice | undefined {
  if (window === undefined) return undefined;
  const { predicted, labelled } = window;
  const mean = mae.of(window.errors());
  return { predicted, labelled, mae: Number.isFinite(mean) ? mean : null };
}

/** The interval of a model's predictions; undefined while there is none. */
function intervalNotice({ state }: OpenJoin, model: string): IntervalNotice | undefined {
  const { intervals } = state.monitor;
  const halfWidth = intervals.halfWidthOf(model);
  return halfWidth === undefined ? undefined : { coverage: intervals.coverage, half_width: halfWidth };
}

/** The alerts that fire; undefined in a partition that looks at no rules. */
function alertNotices({ state }: OpenJoin): readonly AlertNotice[] | undefined {
  if (state.alerting === undefined || state.alerting.rules.length === 0) return undefined;
  return state.alerting.firing.map(({ rule, kind, severity, summary, since, change }) => ({
    rule,
    kind,
    severity,
    summary,
    since,
    ...(change === undefined ? {} : { change }),
  }));
}
