import { METRICS_EXCHANGE, writeHalfWidths, type Bus, type HalfWidthNotice, type LanePartition } from "@streamgauge/core";
import type { OpenJoin } from "../join/open-join.js";

/** Broadcasts the half widths of a lane: when they change, and when they are asked for. */
export class HalfWidthNotices {
  readonly #bus: Bus;
  readonly #partition: LanePartition;
  readonly #join: () => OpenJoin | undefined;
  #sent = "";

  /** @param join - the current join; undefined while it does not run. */
  constructor(bus: Bus, partition: LanePartition, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#partition = partition;
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
    const { lane, name, of } = this.#partition;
    const half_widths = widths.map(({ model, halfWidth }) => ({ model, half_width: halfWidth }));
    return { lane, ...(of === 1 ? {} : { partition: name }), coverage, half_widths };
  }

  #send(notice: HalfWidthNotice): void {
    this.#sent = JSON.stringify(notice);
    this.#bus.broadcast(METRICS_EXCHANGE, writeHalfWidths(notice));
  }
}
