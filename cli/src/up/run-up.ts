import {
  CHAMPION,
  connectBus,
  createLogger,
  lanesOf,
  METRICS_EXCHANGE,
  openHealthServer,
  readConfig,
  readNotice,
  registryOf,
  runService,
  SETTINGS,
  topologyOf,
  withGateway,
  type Bus,
  type Logger,
  type ServiceScope,
  type StreamgaugeConfig,
} from "@streamgauge/core";
import { DEFAULT_DATASET, featuresSettings, readSourcesFile, startFeatures, startSources } from "@streamgauge/features";
import { gatewaySettings, startGateway } from "@streamgauge/gateway";
import { lanePaths } from "@streamgauge/core/metric-log";
import { startMetrics } from "@streamgauge/metrics";
import { openLaneModel, startScoring } from "@streamgauge/model";
import { startComparisonPlot, startPlot } from "@streamgauge/plot";
import { Registry } from "prom-client";
import { allAccountedFor, sideAccountedFor } from "./accounting.js";
import { openLiveView } from "./live-view.js";
import { openSideLane, type SideLane } from "./side-lane.js";
import { summarise } from "./summary.js";

/** Runs all services in this process until a signal, or until the rows of ROW_LIMIT are accounted for. */
export async function runUp(): Promise<void> {
  const view = openLiveView(process.stdout);
  let log = createLogger("streamgauge", "info", view.logLines);
  await runService(
    () => log,
    async (scope) => {
      const settings = readConfig(SETTINGS, process.env);
      const config = settings.DATASET_PATH === "" ? { ...settings, DATASET_PATH: DEFAULT_DATASET } : settings;
      log = createLogger("streamgauge", config.LOG_LEVEL, view.logLines);
      scope.own(view);
      process.stdout.on("error", (error: NodeJS.ErrnoException) => {
        // Whoever read the output has gone, as `head` does: there is nobody left to run for.
        if (error.code === "EPIPE") scope.stop();
        else scope.fail(error);
      });
      const registry = new Registry();
      const bus = busFor(config, scope, log);
      const buses: Bus[] = [];
      const ready = () => buses.length > 0 && buses.every(({ connected }) => connected);
      const health = scope.own(await openHealthServer({ host: config.HTTP_HOST, port: config.HTTP_PORT, registry, ready }));
      log.info(`Health and metrics at ${health.url}.`);
      const { own } = scope;
      const lanes = lanesOf(config);
      const registries = new Map(lanes.map((lane) => [lane, lane === CHAMPION ? registry : registryOf(lane)]));
      for (const ofLane of registries.values()) if (ofLane !== registry) health.addRegistry(ofLane);
      const link = async (service: string, lane = CHAMPION) => {
        const name = lane === CHAMPION ? service : `${service}.${lane}`;
        const opened = own(await bus(name));
        buses.push(opened);
        return { bus: opened, log: log.child({ name }), registry: registries.get(lane) ?? registry, lane };
      };

      // From the end of the row's path to its beginning, so that closing in reverse order lets each finish its work.
      for (const lane of lanes) {
        const options = { ...(await link("plot", lane)), logsDir: config.LOGS_DIR };
        own(await startPlot(options));
        if (lane !== CHAMPION) own(await startComparisonPlot(options));
      }
      const watching = await link("view");
      own(
        await watching.bus.listen(METRICS_EXCHANGE, "view", (delivery) => {
          const notice = readNotice(delivery);
          if (notice?.lane === CHAMPION) view.show(notice);
        }),
      );
      const side: SideLane[] = [];
      for (const lane of lanes.filter((name) => name !== CHAMPION)) {
        const linkOf = (name: string) => link(name, lane);
        side.push(own(await openSideLane({ config, lane, link: linkOf, health, signal: scope.signal })));
      }
      const metrics = own(
        await startMetrics({ ...(await link("metrics")), logsDir: config.LOGS_DIR, retentionMs: config.LABEL_RETENTION_MS }),
      );
      const lane = CHAMPION;
      const modelLog = log.child({ name: "model" });
      const { active, sample } = own(await openLaneModel({ config, lane, log: modelLog, registry, health, signal: scope.signal }));
      const scoring = own(
        await startScoring({
          ...(await link("model")),
          active,
          sample,
          sharesRows: side.length > 0,
          batchRows: config.BATCH_ROWS,
          batchDelayMs: config.BATCH_DELAY_MS,
        }),
      );
      const scorers = [active.current, ...side.flatMap(({ scorer }) => scorer ?? [])];
      const logStart = metrics.state?.log.length ?? 0;
      const before = structuredClone(metrics.state?.balance.y_true);
      const versionsBefore = metrics.state?.versions.list() ?? [];
      const began = performance.now();
      const statusUrls = config.STATUS_URLS === "" ? `streamgauge=${health.url}` : config.STATUS_URLS;
      own(await startGateway({ ...(await link("gateway")), ...gatewaySettings(config), statusUrls, model: () => active.current }));

      if (config.SOURCES_PATH !== "") {
        const sources = readSourcesFile(config.SOURCES_PATH, process.env);
        own(startSources({ ...(await link("features")), sources, frameRows: config.FRAME_ROWS, frameFormat: config.FRAME_FORMAT }));
        // There is no end to what they bring.
        return;
      }
      const features = own(
        startFeatures({
          ...(await link("features")),
          ...featuresSettings(config),
          // Here the models are known: a dataset may have more columns than they take.
          features: [...new Set(scorers.flatMap((scorer) => scorer.features))],
          // What the bus in memory had confirmed is gone with the process: each start is a new run.
          logsDir: config.AMQP_URL === "" ? undefined : config.LOGS_DIR,
        }),
      );

      const finish = async () => {
        await features.finished;
        if (scope.signal.aborted) return;
        const { sent, malformed } = features.progress;
        await allAccountedFor({ sent, metrics, scoring, before, bus: watching.bus, lane: CHAMPION }, scope.signal);
        for (const lane of side) await sideAccountedFor(lane, { sent, bus: watching.bus, log }, scope.signal);
        if (scope.signal.aborted) return;
        const seconds = (performance.now() - began) / 1000;
        const now = metrics.state?.balance.y_true;
        const { log: logPath } = lanePaths(config.LOGS_DIR, CHAMPION);
        const versions = metrics.state?.versions.list() ?? [];
        const { refused } = scoring.counts;
        view.finish(summarise({ sent, seconds, malformed, refused, before, now, versionsBefore, versions, logPath, logStart }));
        scope.stop();
      };
      finish().catch(scope.fail);
    },
  );
}

/** Where each service gets its own link from: one broker in memory, or RabbitMQ. */
function busFor(config: StreamgaugeConfig, scope: ServiceScope, log: Logger): (name: string) => Promise<Bus> {
  const topology = withGateway(topologyOf(lanesOf(config)), CHAMPION);
  const url = config.AMQP_URL === "" ? "memory:up" : config.AMQP_URL;
  return (name) => connectBus({ url, topology, name, log: log.child({ name }), signal: scope.signal });
}
