import { access, constants, mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  METRICS_EXCHANGE,
  openInLogsDir,
  readNotice,
  type Bus,
  type Closable,
  type Logger,
  errorText,
  type LanePartition,
} from "@streamgauge/core";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import { lanePaths, LogTail } from "@streamgauge/core/metric-log";
import { drawErrorDistribution } from "./error-distribution-picture.js";
import { drawPredictedVsActual } from "./density/predicted-vs-actual-picture.js";
import { drawResiduals } from "./density/residuals-picture.js";
import { LoggedRows } from "./logged-rows.js";
import type { LogSummary } from "./log-summary.js";
import { RedrawSchedule } from "./redraw-schedule.js";
import { removeAbandonedPictures, writePicture } from "./write-picture.js";

export interface PlotOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly logsDir: string;
  readonly partition: LanePartition;
}

/** The share of the time for the pictures of the log; the windows have the rest of a twentieth. */
const SHARE = 0.04;

/**
 * Keeps the pictures of a lane's log up to date until closed; the last ones show all that was logged by then.
 *
 * @throws LogsDirError
 */
export async function startPlot({ bus, log, registry, logsDir, partition }: PlotOptions): Promise<Closable> {
  const logPath = lanePaths(logsDir, partition).log;
  const pathOf = (name: string) => join(logsDir, partition.fileName(name, "png"));
  const rows = new LoggedRows(new LogTail(logPath));
  const drawings: readonly (readonly [name: string, draw: (summary: LogSummary) => Buffer])[] = [
    ["error_distribution", (summary) => drawErrorDistribution({ ...summary, ...rows.distribution() })],
    ["predicted_vs_actual", (summary) => drawPredictedVsActual(rows.pairs.points(), summary)],
    ["residuals", (summary) => drawResiduals(rows.residuals.points(), summary)],
  ];
  await openInLogsDir(logsDir, async () => {
    await mkdir(logsDir, { recursive: true });
    await access(logsDir, constants.W_OK);
    for (const [name] of drawings) await removeAbandonedPictures(pathOf(name));
  });
  const telemetry = createTelemetry(registry, rows);
  let model: { readonly model?: string; readonly unit?: string } = {};

  const pictures = drawings.map(([name, draw]) => async () => {
    const end = telemetry.seconds.startTimer();
    await writePicture(pathOf(name), draw({ count: rows.count, malformed: rows.malformed, ...model, time: new Date() }));
    end();
  });
  const onError = (error: unknown) => {
    telemetry.failures.inc();
    log.error(`A picture is not up to date: ${errorText(error)}`);
  };
  const schedule = new RedrawSchedule({ update: () => rows.update(), pictures, share: SHARE, onError });
  schedule.start();
  const notices = await bus.subscribe(METRICS_EXCHANGE, "plot", (delivery) => {
    const notice = readNotice(delivery);
    if (notice === undefined || notice.lane !== partition.lane) return;
    model = { ...(notice.model === "" ? {} : { model: notice.model }), ...(notice.unit === "" ? {} : { unit: notice.unit }) };
    schedule.notice();
  });
  log.info(`${drawings.map(([name]) => pathOf(name)).join(", ")} show ${logPath}.`);
  return {
    close: async () => {
      await notices.close();
      await schedule.close();
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
  return {
    seconds: new Histogram({
      registers,
      name: "streamgauge_plot_draw_seconds",
      help: "Duration of a picture.",
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5],
    }),
    failures: new Counter({
      registers,
      name: "streamgauge_plot_failures_total",
      help: "Times that the log could not be read or the picture not be written.",
    }),
  };
}
