import { METRICS_EXCHANGE, writeHalfWidths, type Bus, type HalfWidthNotice } from "@streamgauge/core";
import type { OpenJoin } from "../join/open-join.js";

/** Broadcasts the half widths of a lane: when they change, and when they are asked for. */
export class HalfWidthNotices {
  readonly #bus: Bus;
  readonly #lane: string;
  readonly #join: () => OpenJoin | undefined;
  #sent = "";

  /** @param join - the current join; undefined while it does not run. */
  constructor(bus: Bus, lane: string, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#lane = lane;
    this.#join = join;
  }

  onCommit(): void {
    const notice = this.#notice();
    if (notice !== undefined && JSON.stringify(notice) !== this.#sent) this.#send(notice);
  }

  /** Broadcasts them if there are any. */
  send(): void {
    const notice = this.#notice();
    if (notice !== undefined) this.#send(notice);
  }

  #notice(): HalfWidthNotice | undefined {
    const intervals = this.#join()?.state.monitor.intervals;
    const widths = intervals?.list() ?? [];
    if (intervals === undefined || widths.length === 0) return undefined;
    const { coverage } = intervals;
    return { lane: this.#lane, coverage, half_widths: widths.map(({ model, halfWidth }) => ({ model, half_width: halfWidth })) };
  }

  #send(notice: HalfWidthNotice): void {
    this.#sent = JSON.stringify(notice);
    this.#bus.broadcast(METRICS_EXCHANGE, writeHalfWidths(notice));
  }
}
