import {
  CHAMPION,
  createLogger,
  MemoryBroker,
  MemoryBus,
  METRICS_EXCHANGE,
  openHealthServer,
  RabbitBus,
  readConfig,
  readNotice,
  runService,
  SETTINGS,
  topologyOf,
  type Bus,
  type Logger,
  type Service,
  type StreamgaugeConfig,
} from "@streamgauge/core";
import { DEFAULT_DATASET, startFeatures } from "@streamgauge/features";
import { lanePaths, startMetrics } from "@streamgauge/metrics";
import { openLaneModel, startScoring, textFeatures } from "@streamgauge/model";
import { startPlot } from "@streamgauge/plot";
import { Registry } from "prom-client";
import { allAccountedFor } from "./accounting.js";
import { openLiveView } from "./live-view.js";
import { summarise } from "./summary.js";

/** Runs all services in this process until a signal, or until the rows of ROW_LIMIT are accounted for. */
export async function runUp(): Promise<void> {
  const view = openLiveView(process.stdout);
  let log = createLogger("streamgauge", "info", view.logLines);
  await runService(
    () => log,
    async (service) => {
      const settings = readConfig(SETTINGS, process.env);
      const config = settings.DATASET_PATH === "" ? { ...settings, DATASET_PATH: DEFAULT_DATASET } : settings;
      log = createLogger("streamgauge", config.LOG_LEVEL, view.logLines);
      service.own(view);
      process.stdout.on("error", (error: NodeJS.ErrnoException) => {
        // Whoever read the output has gone, as `head` does: there is nobody left to run for.
        if (error.code === "EPIPE") service.stop();
        else service.fail(error);
      });
      const registry = new Registry();
      const bus = busFor(config, service, log);
      const buses: Bus[] = [];
      const ready = () => buses.length > 0 && buses.every(({ connected }) => connected);
      const health = service.own(await openHealthServer({ host: config.HTTP_HOST, port: config.HTTP_PORT, registry, ready }));
      log.info(`Health and metrics at ${health.url}.`);
      const { own } = service;
      const link = async (name: string) => {
        const opened = own(await bus(name));
        buses.push(opened);
        return { bus: opened, log: log.child({ name }), registry, lane: CHAMPION };
      };

      // From the end of the row's path to its beginning, so that closing in reverse order lets each finish its work.
      own(await startPlot({ ...(await link("plot")), logsDir: config.LOGS_DIR }));
      const watching = await link("view");
      own(
        await watching.bus.listen(METRICS_EXCHANGE, "view", (delivery) => {
          const notice = readNotice(delivery);
          if (notice?.lane === CHAMPION) view.show(notice);
        }),
      );
      const metrics = own(
        await startMetrics({ ...(await link("metrics")), logsDir: config.LOGS_DIR, retentionMs: config.LABEL_RETENTION_MS }),
      );
      const lane = CHAMPION;
      const modelLog = log.child({ name: "model" });
      const { holder, sample } = own(await openLaneModel({ config, lane, log: modelLog, registry, health, signal: service.signal }));
      const scoring = own(
        await startScoring({ ...(await link("model")), holder, sample, batchRows: config.BATCH_ROWS, batchDelayMs: config.BATCH_DELAY_MS }),
      );
      const logStart = metrics.state?.log.length ?? 0;
      const before = structuredClone(metrics.state?.balance.y_true);
      const versionsBefore = metrics.state?.versions.list() ?? [];
      const began = performance.now();
      const features = own(
        startFeatures({
          ...(await link("features")),
          datasetPath: config.DATASET_PATH,
          targetColumn: config.TARGET_COLUMN,
          idColumn: config.ID_COLUMN,
          // Here the model is known: a dataset may have more columns than it takes.
          features: holder.current.features,
          textColumns: [...config.TEXT_COLUMNS, ...textFeatures(holder.current)],
          rowsPerSecond: config.ROWS_PER_SECOND,
          rowLimit: config.ROW_LIMIT,
          labelDelayMs: config.LABEL_DELAY_MS,
          frameRows: config.FRAME_ROWS,
          frameDelayMs: config.FRAME_DELAY_MS,
          frameFormat: config.FRAME_FORMAT,
          // What the bus in memory had confirmed is gone with the process: each start is a new run.
          logsDir: config.AMQP_URL === "" ? undefined : config.LOGS_DIR,
          startOver: config.START_OVER,
        }),
      );

      const finish = async () => {
        await features.finished;
        if (service.signal.aborted) return;
        const { sent, malformed } = features.progress;
        await allAccountedFor({ sent, metrics, scoring, before, bus: watching.bus, lane: CHAMPION }, service.signal);
        if (service.signal.aborted) return;
        const seconds = (performance.now() - began) / 1000;
        const now = metrics.state?.balance.y_true;
        const { log: logPath } = lanePaths(config.LOGS_DIR, CHAMPION);
        const versions = metrics.state?.versions.list() ?? [];
        const { refused } = scoring.counts;
        view.finish(summarise({ sent, seconds, malformed, refused, before, now, versionsBefore, versions, logPath, logStart }));
        service.stop();
      };
      finish().catch(service.fail);
    },
  );
}

/** Where each service gets its own link from: one broker in memory, or RabbitMQ. */
function busFor(config: StreamgaugeConfig, service: Service, log: Logger): (name: string) => Promise<Bus> {
  const topology = topologyOf([CHAMPION]);
  if (config.AMQP_URL !== "") {
    return (name) => RabbitBus.connect({ url: config.AMQP_URL, topology, name, log: log.child({ name }), signal: service.signal });
  }
  const broker = new MemoryBroker(topology);
  return (name) => Promise.resolve(new MemoryBus(broker, name, log.child({ name })));
}
