import { join } from "node:path";
import {
  CHAMPION,
  METRICS_EXCHANGE,
  readNotice,
  writeComparison,
  type Bus,
  type Closable,
  type Logger,
  errorText,
} from "@streamgauge/core";
import { missingPart } from "@streamgauge/core/metric-log";
import { Gauge, type Registry } from "prom-client";
import { countText } from "../picture-text.js";
import { RedrawSchedule } from "../redraw-schedule.js";
import { removeAbandonedPictures, writePicture } from "../write-picture.js";
import type { ComparedLanes } from "./compared-lanes.js";
import { comparisonNotice } from "./comparison-notice.js";
import { drawComparison } from "./comparison-picture.js";
import { differenceText, verdictText } from "./comparison-text.js";
import { comparedLogs, LaneComparison } from "./lane-comparison.js";

export interface ComparisonPlotOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly logsDir: string;
  /** The lane that is compared with the champion. */
  readonly lane: string;
  /** Of each lane. Default: 1. */
  readonly partitions?: number;
}

/** Where the picture of a comparison is: one for the first challenger has no lane in its name. */
export function comparisonPicture(logsDir: string, lane: string): string {
  return join(logsDir, lane === "challenger" ? "comparison.png" : `comparison.${lane}.png`);
}

/**
 * Keeps the comparison of a lane with the champion up to date until closed: its picture, its figures, a line when the verdict changes, and what it
 * broadcasts for the live page.
 */
export async function startComparisonPlot({ bus, log, registry, logsDir, lane, partitions = 1 }: ComparisonPlotOptions): Promise<Closable> {
  const picturePath = comparisonPicture(logsDir, lane);
  await removeAbandonedPictures(picturePath);
  const comparison = new LaneComparison(...comparedLogs(logsDir, lane, partitions), (path) => log.warn(missingPart(path)));
  let unit = "";
  let latest: ComparedLanes | undefined;
  let isComplete = false;
  const telemetry = createTelemetry(registry, () => latest);
  const tell = () => {
    if (latest !== undefined) bus.broadcast(METRICS_EXCHANGE, writeComparison(comparisonNotice(latest, isComplete)));
  };
  const update = async () => {
    const read = await comparison.update();
    isComplete = read.caughtUp;
    // A gateway may have started since, and what is not drawn anew is not told below.
    if (!read.changed) tell();
    return read;
  };
  const draw = async () => {
    const before = latest?.verdict ?? "open";
    latest = { ...comparison.summary(), champion: CHAMPION, challenger: lane, unit, time: new Date() };
    if (latest.verdict !== before) log.info(`${verdictText(latest)} after ${countText(latest.rows)} rows. ${differenceText(latest)}`);
    tell();
    await writePicture(picturePath, await drawComparison(latest));
  };
  const onError = (error: unknown) => log.error(`The comparison is not up to date: ${errorText(error)}`);
  const schedule = new RedrawSchedule({ update, pictures: [draw], onError });
  schedule.start();
  const notices = await bus.subscribe(METRICS_EXCHANGE, `plot.${lane}`, (delivery) => {
    const notice = readNotice(delivery);
    if (notice === undefined || (notice.lane !== lane && notice.lane !== CHAMPION)) return;
    unit = notice.unit === "" ? unit : notice.unit;
    schedule.notice();
  });
  log.info(`${picturePath} compares lane ${lane} with the champion.`);
  return {
    close: async () => {
      await notices.close();
      await schedule.close();
      for (const gauge of telemetry) registry.removeSingleMetric(gauge);
    },
  };
}

function createTelemetry(registry: Registry, latest: () => ComparedLanes | undefined): string[] {
  const registers = [registry];
  const rows = "streamgauge_comparison_rows";
  new Gauge({
    registers,
    name: rows,
    help: "Rows that the champion and this lane have both logged, and rows of the champion that this lane has missed.",
    labelNames: ["outcome"],
    collect() {
      const summary = latest();
      if (summary === undefined) return;
      this.set({ outcome: "paired" }, summary.rows);
      this.set({ outcome: "missed" }, summary.missed);
      this.set({ outcome: "won" }, summary.won);
      this.set({ outcome: "lost" }, summary.lost);
    },
  });
  const difference = "streamgauge_comparison_difference";
  new Gauge({
    registers,
    name: difference,
    help: "Mean of the champion's absolute error less that of this lane, and its 95 % confidence sequence; in the target's unit.",
    labelNames: ["bound"],
    collect() {
      const interval = latest()?.difference;
      if (interval === undefined) return;
      for (const [bound, value] of Object.entries(interval)) this.set({ bound }, value);
    },
  });
  return [rows, difference];
}
