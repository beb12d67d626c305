import { access, constants, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import {
  METRICS_EXCHANGE,
  openInLogsDir,
  readNotice,
  type Bus,
  type Closable,
  type Logger,
  errorText,
  LanePartition,
  otherPartitionsIn,
  type OtherPartitionsError,
} from "@streamgauge/core";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { lanePaths, LaneTail, missingPart } from "@streamgauge/core/metric-log";
import { drawErrorDistribution } from "./error-distribution-picture.js";
import { drawPredictedVsActual } from "./density/predicted-vs-actual-picture.js";
import { drawResiduals } from "./density/residuals-picture.js";
import { LoggedRows } from "./logged-rows.js";
import type { LogSummary } from "./log-summary.js";
import { RedrawSchedule } from "./redraw-schedule.js";
import { startWindowPlot } from "./windows/window-plot.js";
import { removeAbandonedPictures, writePicture } from "./write-picture.js";

export interface PlotOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly logsDir: string;
  readonly lane: string;
  /** Of the lane. Default: 1. */
  readonly partitions?: number;
  /** Called when metrics turns out to have another number of partitions. */
  readonly fail: (error: OtherPartitionsError) => void;
}

/** The shares of a processor for the pictures of the log and of the windows: with the reading they stay below a twentieth. */
const LOG_SHARE = 0.03;
const WINDOW_SHARE = 0.01;

const WINDOW_PICTURE = "error_over_time";

/** The pictures of the log, and how each is drawn. */
function logPictures(rows: LoggedRows): readonly (readonly [name: string, draw: (summary: LogSummary) => Buffer])[] {
  return [
    ["error_distribution", (summary) => drawErrorDistribution({ ...summary, ...rows.distribution() })],
    ["predicted_vs_actual", (summary) => drawPredictedVsActual(rows.pairs.points(), summary)],
    ["residuals", (summary) => drawResiduals(rows.residuals.points(), summary)],
  ];
}

/**
 * Keeps the pictures of a lane up to date until closed; the last ones show all that was logged by then.
 *
 * @throws LogsDirError
 */
export async function startPlot({ bus, log, registry, logsDir, lane, partitions = 1, fail }: PlotOptions): Promise<Closable> {
  const logs = LanePartition.all(lane, partitions).map((partition) => lanePaths(logsDir, partition).log);
  const pathOf = (name: string) => join(logsDir, new LanePartition(lane).fileName(name, "png"));
  const rows = new LoggedRows(new LaneTail(logs, (path) => log.warn(missingPart(path))));
  const drawings = logPictures(rows);
  const paths = [...drawings.map(([name]) => name), WINDOW_PICTURE].map(pathOf);
  await openInLogsDir(logsDir, async () => {
    await mkdir(logsDir, { recursive: true });
    await access(logsDir, constants.W_OK);
    for (const path of paths) await removeAbandonedPictures(path);
  });
  const { timed, failures } = createTelemetry(registry, rows);
  let model: { readonly model?: string; readonly unit?: string } = {};

  const pictures = drawings.map(([name, draw]) => () => {
    const summary = { count: rows.count, malformed: rows.malformed, ...model, time: new Date() };
    return timed(() => writePicture(pathOf(name), draw(summary)));
  });
  const onError = (error: unknown) => {
    failures.inc();
    log.error(`A picture is not up to date: ${errorText(error)}`);
  };
  const schedule = new RedrawSchedule({ update: () => rows.update(), pictures, share: LOG_SHARE, onError });
  schedule.start();
  const notices = await bus.subscribe(METRICS_EXCHANGE, "plot", (delivery) => {
    const notice = readNotice(delivery);
    if (notice === undefined || notice.lane !== lane) return;
    const other = otherPartitionsIn(notice, partitions);
    if (other !== undefined) return fail(other);
    model = { ...(notice.model === "" ? {} : { model: notice.model }), ...(notice.unit === "" ? {} : { unit: notice.unit }) };
    schedule.notice();
  });
  const windowPlot = { bus, lane, partitions, path: pathOf(WINDOW_PICTURE), share: WINDOW_SHARE, named: () => model, timed, onError };
  const windows = await startWindowPlot(windowPlot);
  log.info(`Pictures of ${logs.join(", ")}: ${paths.map((path) => basename(path)).join(", ")}.`);
  return {
    close: async () => {
      await notices.close();
      await Promise.all([schedule.close(), windows.close()]);
    },
  };
}

function createTelemetry(registry: Registry, rows: LoggedRows) {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_plot_rows",
    help: "Rows of the log that the pictures count.",
    collect() {
      this.set(rows.count);
    },
  });
  const seconds = new Histogram({
    registers,
    name: "streamgauge_plot_draw_seconds",
    help: "Duration of a picture.",
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5],
  });
  return {
    /** Draws, and notes how long that took. */
    timed: async (draw: () => Promise<void>): Promise<void> => {
      const end = seconds.startTimer();
      await draw();
      end();
    },
    failures: new Counter({
      registers,
      name: "streamgauge_plot_failures_total",
      help: "Times that the log could not be read or a picture not be written.",
    }),
  };
}
