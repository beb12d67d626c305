import { METRICS_EXCHANGE, type AlarmNotice, statisticsJson, writeNotice, type Bus } from "@streamgauge/core";
import { ALARM_KINDS } from "./alarm/raised-alarm.js";
import type { Committed } from "./join/commit-cycle.js";
import type { OpenJoin } from "./join/open-join.js";
import type { HalfFrame } from "./join/half-frame.js";

/** The least time between two notices, in ms. */
const NOTICE_MS = 100;

/** Broadcasts what was logged: at once, and then at most ten times a second. */
export class Notices {
  readonly #bus: Bus;
  readonly #lane: string;
  readonly #join: () => OpenJoin | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;
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
    this.#bus.broadcast(
      METRICS_EXCHANGE,
      writeNotice({ lane: this.#lane, model, unit, statistics, alarm: alarmNotice(join, model), rows }),
    );
  }
}

/** The alarm on the error of a model; undefined if none of its rows was logged yet. */
function alarmNotice({ state }: OpenJoin, model: string): AlarmNotice | undefined {
  const alarm = state.alarms.of(model);
  if (alarm === undefined) return undefined;
  const kind = ALARM_KINDS.find((each) => alarm.isOn(each));
  if (kind === undefined) return { state: alarm.baseline === undefined ? "reference" : "ok" };
  return { state: kind, row: alarm.last(kind)?.row };
}
