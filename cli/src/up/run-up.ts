import * as alerts from "@streamgauge/alerts";
import {
  CHAMPION,
  createLogger,
  lanesOf,
  METRICS_EXCHANGE,
  readConfig,
  readNotice,
  runService,
  LaneNotices,
  LanePartition,
  type Closable,
  type Logger,
  type ServiceScope,
} from "@streamgauge/core";
import { lanePaths } from "@streamgauge/core/metric-log";
import * as features from "@streamgauge/features";
import * as gateway from "@streamgauge/gateway";
import * as model from "@streamgauge/model";
import type { Worker } from "node:worker_threads";
import { SETTINGS, type AllConfig } from "../settings.js";
import { allAccountedFor, sideAccountedFor } from "./accounting.js";
import { LaneMetrics } from "./lane-metrics.js";
import { Links } from "./links.js";
import { openLiveView, type LiveView } from "./live-view.js";
import { openSideLane, type SideLane } from "./side-lane.js";
import { summarise } from "./summary.js";
import type { ServiceThread } from "./threads/service-thread.js";
import { loadService } from "./threads/service-worker.js";

/**
 * Runs all services in this process until a signal, or until the rows of ROW_LIMIT are accounted for.
 *
 * @param metrics - loads the metrics of the champion.
 */
export async function runUp(metrics: Worker): Promise<void> {
  const view = openLiveView(process.stdout);
  let log = createLogger("streamgauge", "info", view.logLines);
  await runService(
    () => log,
    async (scope) => {
      const config = upConfig();
      log = createLogger("streamgauge", config.LOG_LEVEL, view.logLines);
      scope.own(view);
      stopWithReader(scope);
      await startServices(scope, config, log, view, metrics);
    },
  );
}

/** Always sets the dataset: its columns decide how the models are opened. */
function upConfig(): AllConfig {
  const config = readConfig(SETTINGS, process.env);
  return config.DATASET_PATH === "" ? { ...config, DATASET_PATH: features.DEFAULT_DATASET } : config;
}

/** Stops the run when the reader of its output has gone, as `head` does. */
function stopWithReader(scope: ServiceScope): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") scope.stop();
    else scope.fail(error);
  });
}

/** Starts from the end of the pipeline to its beginning, so that closing in reverse order lets each service finish its work. */
async function startServices(scope: ServiceScope, config: AllConfig, log: Logger, view: LiveView, metrics: Worker): Promise<void> {
  const links = await Links.open({ scope, config, log, write: (line) => void view.logLines.write(line) });
  const toPlot = await links.link("plot");
  const joining = LaneMetrics.start(scope, links, { partitions: config.PARTITIONS, worker: metrics });
  // Rows do not wait for pictures: the processors are for metrics first.
  const loaded = joining.then(() => loadService("plot"));
  const drawing = links.thread(scope, "plot", toPlot, loaded);
  scope.own(onceStarted(drawing));
  await alerts.start(scope, config, await links.link("alerts"));
  await showNotices(scope, links, view);
  const side: SideLane[] = [];
  for (const lane of lanesOf(config).filter((name) => name !== CHAMPION))
    side.push(scope.own(await openSideLane(scope, config, links, lane)));
  scope.own(onceStarted(joining));
  const scored = await model.start(scope, config, await links.link("model"));
  const statusUrls = config.STATUS_URLS === "" ? `streamgauge=${links.health.url}` : config.STATUS_URLS;
  const runs = () => [
    ...["features", "model", "metrics", "plot", "alerts"].map((name) => ({ name, status: "ready" }) as const),
    ...side.map((lane) => ({ name: lane.lane, status: lane.model === undefined ? "not ready" : "ready" }) as const),
  ];
  const joined = await joining;
  const before = await standingOf(joined);
  const began = performance.now();
  const source = await features.start(
    scope,
    { ...config, FEATURES: columnsFor(config, [scored, ...side.map((lane) => lane.model)]) },
    await links.link("features"),
  );
  // Rows flow while it starts.
  await gateway.start(scope, { ...config, STATUS_URLS: statusUrls }, await links.link("gateway"), () => scored.active.current, runs);
  if (source === undefined) return;
  const run = { config, links, log, view, side, drawing, metrics: joined, scoring: scored.scoring, source, before, began };
  finish(scope, run).catch(scope.fail);
}

/** The columns of the dataset that are sent: what the models take, of those that it has. All, while it is not known what one of them takes. */
function columnsFor({ FEATURES }: AllConfig, models: readonly (model.Model | undefined)[]): readonly string[] {
  const taken = models.map((each) => each?.active.current.features);
  return taken.includes(undefined) ? FEATURES : [...new Set(taken.flatMap((features) => features ?? []))];
}

/** Closes a thread also if that is asked before it has started. */
function onceStarted(starting: Promise<ServiceThread | LaneMetrics>): Closable {
  starting.catch(() => undefined);
  return { close: () => starting.then((thread) => thread.close()).catch(() => undefined) };
}

async function showNotices(scope: ServiceScope, links: Links, view: LiveView): Promise<void> {
  const { bus } = await links.link("view");
  const ofLane = new LaneNotices();
  scope.own(
    await bus.subscribe(METRICS_EXCHANGE, "view", (delivery) => {
      const notice = readNotice(delivery);
      if (notice?.lane === CHAMPION) view.show(ofLane.take(notice));
    }),
  );
}

/** The labels, versions and lengths of the logs now. */
async function standingOf(joined: LaneMetrics) {
  const progress = await joined.progress();
  return { balance: progress?.balance.y_true, versions: progress?.versions ?? [], logLengths: progress?.logLengths ?? [] };
}

interface Run {
  readonly config: AllConfig;
  readonly links: Links;
  readonly log: Logger;
  readonly view: LiveView;
  readonly side: readonly SideLane[];
  readonly drawing: Promise<ServiceThread>;
  readonly metrics: LaneMetrics;
  readonly scoring: model.Model["scoring"];
  readonly source: features.Features;
  readonly before: Awaited<ReturnType<typeof standingOf>>;
  /** Start time by a monotonic clock, in ms. */
  readonly began: number;
}

/** Waits until every row of the run is accounted for, prints the summary, and ends the process. */
async function finish(scope: ServiceScope, run: Run): Promise<void> {
  const { config, links, log, view, side, drawing, metrics: joined, scoring, source, before, began } = run;
  await source.finished;
  // A run that is shorter than the start of plot is drawn too.
  await drawing;
  if (scope.signal.aborted) return;
  const { sent, unlabelled, malformed } = source.progress;
  // A row is accounted for by its label.
  const labelled = sent - unlabelled;
  const { bus } = await links.link("accounting");
  const { PARTITIONS: partitions } = config;
  await allAccountedFor(
    { sent: labelled, metrics: joined, scoring, before: before.balance, bus, lane: CHAMPION, partitions },
    scope.signal,
  );
  for (const lane of side)
    await sideAccountedFor({ ...lane, scoring: lane.model?.scoring }, { sent: labelled, bus, partitions, log }, scope.signal);
  if (scope.signal.aborted) return;
  const now = await standingOf(joined);
  view.finish(
    summarise({
      sent,
      seconds: (performance.now() - began) / 1000,
      unlabelled,
      malformed,
      refused: scoring.counts.refused,
      before: before.balance,
      now: now.balance,
      versionsBefore: before.versions,
      versions: now.versions,
      logs: LanePartition.all(CHAMPION, partitions).map((partition, i) => ({
        path: lanePaths(config.LOGS_DIR, partition).log,
        start: before.logLengths[i] ?? 0,
      })),
    }),
  );
  scope.stop();
}
