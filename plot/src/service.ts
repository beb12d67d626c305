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
import { LoggedErrors } from "./logged-errors.js";
import { RedrawSchedule } from "./redraw-schedule.js";
import { removeAbandonedPictures, writePicture } from "./write-picture.js";

export interface PlotOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly logsDir: string;
  readonly partition: LanePartition;
}

/**
 * Keeps the picture of a lane's log up to date until closed; the last picture shows all that was logged by then.
 *
 * @throws LogsDirError
 */
export async function startPlot({ bus, log, registry, logsDir, partition }: PlotOptions): Promise<Closable> {
  const logPath = lanePaths(logsDir, partition).log;
  const picturePath = join(logsDir, partition.fileName("error_distribution", "png"));
  await openInLogsDir(logsDir, async () => {
    await mkdir(logsDir, { recursive: true });
    await access(logsDir, constants.W_OK);
    await removeAbandonedPictures(picturePath);
  });
  const errors = new LoggedErrors(new LogTail(logPath));
  const telemetry = createTelemetry(registry, errors);
  let model: { readonly model?: string; readonly unit?: string } = {};

  const draw = async () => {
    const end = telemetry.seconds.startTimer();
    const summary = { ...errors.distribution(), malformed: errors.malformed, ...model, time: new Date() };
    await writePicture(picturePath, drawErrorDistribution(summary));
    end();
  };
  const onError = (error: unknown) => {
    telemetry.failures.inc();
    log.error(`The picture is not up to date: ${errorText(error)}`);
  };
  const schedule = new RedrawSchedule({ update: () => errors.update(), draw, onError });
  schedule.start();
  const notices = await bus.subscribe(METRICS_EXCHANGE, "plot", (delivery) => {
    const notice = readNotice(delivery);
    if (notice === undefined || notice.lane !== partition.lane) return;
    model = { ...(notice.model === "" ? {} : { model: notice.model }), ...(notice.unit === "" ? {} : { unit: notice.unit }) };
    schedule.notice();
  });
  log.info(`${picturePath} shows the errors in ${logPath}.`);
  return {
    close: async () => {
      await notices.close();
      await schedule.close();
    },
  };
}

function createTelemetry(registry: Registry, errors: LoggedErrors) {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_plot_rows",
    help: "Rows of the log that the picture counts.",
    collect() {
      this.set(errors.histogram.count);
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
