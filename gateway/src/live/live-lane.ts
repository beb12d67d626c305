import { describeChange, LaneNotices, type AlarmNotice, type MetricNotice } from "@streamgauge/core";
import { lengthOf } from "@streamgauge/core/windows";
import type { WindowStore } from "../store/window-store.js";
import type { HeadlineEvent, RowsEvent } from "@streamgauge/core/windows";
import type { Timed } from "./pace.js";
import type { Standing } from "./surroundings.js";
import { RowRate } from "./row-rate.js";

/** Latest rows that are kept. */
const KEPT_ROWS = 10;
const MINUTES = 60;

/** What all viewers of a lane get, whichever windows they watch. */
export class LiveLane {
  readonly #lane: string;
  readonly #store: WindowStore;
  readonly #rate = new RowRate();
  readonly #notices = new LaneNotices();
  #notice: MetricNotice | undefined;
  #rows: RowsEvent["rows"] = [];
  #isRead = false;
  #lanes: string[] = [];
  #hour: HeadlineEvent["last_hour"] = null;

  constructor(lane: string, store: WindowStore) {
    this.#lane = lane;
    this.#store = store;
  }

  /** Takes what metrics broadcasts. */
  onNotice(notice: MetricNotice): void {
    const { unit, model } = this.#notice ?? {};
    const taken = this.#notices.take(notice);
    // metrics does not know the unit before its first predictions.
    this.#notice = taken.unit === "" && unit !== undefined && taken.model === model ? { ...taken, unit } : taken;
    this.#rows = [...this.#rows, ...notice.rows].slice(-KEPT_ROWS);
  }

  /** The latest rows, the latest last; those since the gateway started. */
  rows(): RowsEvent {
    return { rows: this.#rows };
  }

  /** Counts the rows so far. @throws DatabaseAwayError */
  async count(): Promise<void> {
    this.#rate.add(performance.now(), await this.#store.rows(this.#lane));
  }

  /** Reads what the database knows. @throws DatabaseAwayError */
  async refresh(timed: Timed): Promise<void> {
    this.#lanes = await this.#store.lanes();
    this.#hour = (await this.#lastHour(timed)) ?? null;
    this.#isRead = true;
  }

  /** As of now; what the database knows as of the last `refresh`. Undefined before the first. */
  headline(): HeadlineEvent | undefined {
    if (!this.#isRead) return undefined;
    const { model = "", unit = "", alarm } = this.#notice ?? {};
    return {
      last_hour: this.#hour,
      rows_per_second: this.#rate.value(),
      model: model || (this.#hour?.models.at(-1)?.model ?? null),
      unit,
      alarm: alarm === undefined ? null : alarmOf(alarm),
      lanes: this.#lanes,
    };
  }

  /** The alarm that stands and the alerts that fire, as metrics said last. */
  standing(): Standing {
    const lane = this.#lane;
    const { unit = "", alarm, alerts = [] } = this.#notice ?? {};
    const stands = alarm?.state === "worse" || alarm?.state === "better";
    return {
      alarms: stands ? [{ lane, state: alarm.state, since: alarm.change === undefined ? null : describeChange(alarm.change, unit) }] : [],
      alerts: alerts.map((alert) => ({ lane, ...alert })),
    };
  }

  /** The hour up to the newest minute that has rows. */
  async #lastHour(timed: Timed): Promise<HeadlineEvent["last_hour"] | undefined> {
    const latest = await this.#store.latestStart(this.#lane, "1m");
    if (latest === undefined) return undefined;
    const to = latest + lengthOf("1m");
    const from = to - MINUTES * lengthOf("1m");
    return this.#store.figures({ lane: this.#lane, size: "1m", from, to }, MINUTES, timed);
  }
}

function alarmOf({ state, row, change }: AlarmNotice): NonNullable<HeadlineEvent["alarm"]> {
  return { state, ...(row === undefined ? {} : { row }), ...(change === undefined ? {} : { change }) };
}
