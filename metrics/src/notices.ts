import { METRICS_EXCHANGE, overflowed, writeNotice, type Bus, type MetricNotice } from "@streamgauge/core";
import type { Committed } from "./join/commit-cycle.js";
import type { OpenJoin } from "./join/open-join.js";
import type { HalfFrame } from "./join/half-frame.js";
import type { ErrorSummary } from "./statistics/error-statistics.js";

/** Pause between notices, ms. */
const NOTICE_MS = 100;

/** Tells what was logged, for whoever listens: at once, and then at most ten times a second. */
export class Notices {
  readonly #bus: Bus;
  readonly #lane: string;
  readonly #join: () => OpenJoin | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last = -Infinity;
  #latest: Pick<HalfFrame, "model" | "unit"> = { model: "", unit: "" };

  /** @param join - the join as it is; undefined while it does not run. */
  constructor(bus: Bus, lane: string, join: () => OpenJoin | undefined) {
    this.#bus = bus;
    this.#lane = lane;
    this.#join = join;
  }

  onCommit({ frames, logged }: Committed): void {
    this.#latest = frames.findLast(({ model, length }) => model !== "" && length > 0) ?? this.#latest;
    if (logged === 0) return;
    const wait = this.#last + NOTICE_MS - performance.now();
    if (wait <= 0) this.#tell();
    else this.#timer ??= setTimeout(() => this.#tell(), wait);
  }

  /** Tells what is still to be told. */
  flush(): void {
    if (this.#timer !== undefined) this.#tell();
  }

  #tell(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const join = this.#join();
    if (join === undefined) return;
    this.#last = performance.now();
    const { model, unit } = this.#latest;
    const statistics = nullable(join.state.log.statistics.summary());
    const rows = join.cycle.takeLatest();
    this.#bus.announce(METRICS_EXCHANGE, writeNotice({ lane: this.#lane, model, unit, statistics, rows }));
  }
}

/** JSON has no infinities and no NaN. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function nullable({ count, ...summary }: ErrorSummary): MetricNotice["statistics"] {
  const { mae, rmse, r2, bias, p50, p95, p99 } = summary;
  const beyond = overflowed(count, { ...summary });
  return {
    count,
    mae: finite(mae),
    rmse: finite(rmse),
    r2: finite(r2),
    bias: finite(bias),
    p50: finite(p50),
    p95: finite(p95),
    p99: finite(p99),
    ...(beyond.length === 0 ? {} : { overflowed: beyond }),
  };
}
