import { BackOff, type Bus, type Closable, type HealthServer, type Logger, type StreamgaugeConfig } from "@streamgauge/core";
import { startMetrics, type Balance, type Metrics } from "@streamgauge/metrics";
import { openLaneModel, startScoring, type LaneModel, type Scorer, type Scoring } from "@streamgauge/model";
import type { Registry } from "prom-client";

/** What a service of the lane gets to live with. */
export interface LaneLink {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly lane: string;
}

export interface SideLaneOptions {
  readonly config: StreamgaugeConfig;
  readonly lane: string;
  readonly link: (name: string) => Promise<LaneLink>;
  readonly health: HealthServer;
  readonly signal: AbortSignal;
}

/** A lane beside the champion in this process. */
export interface SideLane extends Closable {
  readonly lane: string;
  readonly metrics: Metrics;
  /** The balance of labels before the run. */
  readonly before: Balance | undefined;
  /** What scores it; undefined while its model cannot be used. */
  readonly scorer: Scorer | undefined;
  readonly scoring: Scoring | undefined;
  close(): Promise<void>;
}

/** Opens a lane. Where its model cannot be used it says so and tries again now and then: the champion does not wait for it. */
export async function openSideLane({ config, lane, link, health, signal }: SideLaneOptions): Promise<SideLane> {
  const metrics = await startMetrics({ ...(await link("metrics")), logsDir: config.LOGS_DIR, retentionMs: config.LABEL_RETENTION_MS });
  const before = structuredClone(metrics.state?.balance.y_true);
  const linked = await link("model");
  const closing = new AbortController();
  let model: LaneModel | undefined;
  let scoring: Scoring | undefined;
  const open = async () => {
    model = await openLaneModel({ ...linked, config, health, signal });
    const { active, sample } = model;
    const { BATCH_ROWS: batchRows, BATCH_DELAY_MS: batchDelayMs } = config;
    scoring = await startScoring({ ...linked, active, sample, sharesRows: true, batchRows, batchDelayMs });
  };
  let said = "";
  const tryToOpen = async (): Promise<boolean> => {
    try {
      await open();
      return true;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== said) linked.log.error(`Lane ${lane} does not score: ${reason} It is tried again; the champion goes on.`);
      said = reason;
      return false;
    }
  };
  const again = async () => {
    const backOff = new BackOff(1_000, 10_000);
    const over = AbortSignal.any([closing.signal, signal]);
    do await backOff.wait(over);
    while (!over.aborted && !(await tryToOpen()));
  };
  const opening = (await tryToOpen()) ? Promise.resolve() : again();
  return {
    lane,
    metrics,
    before,
    get scorer() {
      return model?.active.current;
    },
    get scoring() {
      return scoring;
    },
    close: async () => {
      closing.abort();
      await opening;
      await scoring?.close();
      await model?.close();
      await metrics.close();
    },
  };
}
