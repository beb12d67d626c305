import { mae, METRICS_EXCHANGE, type AlarmNotice, type HourNotice, statisticsJson, writeNotice, type Bus } from "@streamgauge/core";
import type { ErrorWindow } from "@streamgauge/core/windows";
import { windowOver } from "./join/state-figures.js";
import { ALARM_KINDS } from "./alarm/raised-alarm.js";
import type { Committed } from "./join/commit-cycle.js";
import type { OpenJoin } from "./join/open-join.js";
import type { HalfFrame } from "./join/half-frame.js";

/** The least time between two notices, in ms. */
const NOTICE_MS = 100;
/** The hour that notices tell of, and how old its figures may be, in ms. */
const HOUR_MS = 3_600_000;
const HOUR_FRESH_MS = 1_000;

/** Broadcasts what was logged: at once, and then at most ten times a second. */
export class Notices {
  readonly #bus: Bus;
  readonly #lane: string;
  readonly #join: () => OpenJoin | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;
  #hour: HourNotice | undefined;
  #hourAt = -Infinity;
  #latest: Pick<HalfFrame, "model" | "unit"> = { model: "", unit: "" };

  /** @param join - the current join; undefined while it does not run. */
  constructor(bus: Bus, lane: string, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#lane = lane;
    this.#join = join;
  }

  /** The unit of the latest predictions; empty if they do not say. */
  get unit(): string {
    return this.#latest.unit;
  }

  onCommit({ frames, logged }: Committed): void {
    this.#latest = frames.findLast(({ model, length }) => model !== "" && length > 0) ?? this.#latest;
    if (logged === 0) return;
    const wait = this.#last + NOTICE_MS - performance.now();
    if (wait <= 0) this.#publish();
    else this.#timer ??= setTimeout(() => this.#publish(), wait);
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
    const { model, unit } = this.#latest;
    const logged = join.state.log.statistics;
    const statistics = statisticsJson(logged.count, logged.values());
    const rows = join.cycle.takeLatest();
    const [alarm, hour] = [alarmNotice(join, model), this.#hourOf(join)];
    this.#bus.broadcast(METRICS_EXCHANGE, writeNotice({ lane: this.#lane, model, unit, statistics, alarm, hour, rows }));
  }

  /** Merging sixty minutes takes some ms: once a second is enough. */
  #hourOf({ state }: OpenJoin): HourNotice | undefined {
    const now = performance.now();
    if (now < this.#hourAt + HOUR_FRESH_MS) return this.#hour;
    this.#hourAt = now;
    this.#hour = hourNotice(windowOver(state, HOUR_MS));
    return this.#hour;
  }
}

function hourNotice(window: ErrorWindow | undefined): HourNotice | undefined {
  if (window === undefined) return undefined;
  const { predicted, labelled } = window;
  const mean = mae.of(window.errors());
  return { predicted, labelled, mae: Number.isFinite(mean) ? mean : null };
}

/** The alarm on the error of a model; undefined if none of its rows was logged yet. */
function alarmNotice({ state }: OpenJoin, model: string): AlarmNotice | undefined {
  const alarm = state.alarms.of(model);
  if (alarm === undefined) return undefined;
  const kind = ALARM_KINDS.find((each) => alarm.isOn(each));
  if (kind === undefined) return { state: alarm.baseline === undefined ? "reference" : "ok" };
  return { state: kind, row: alarm.last(kind)?.row };
}
