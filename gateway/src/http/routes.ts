import type { FeatureWindowStore } from "../store/feature-window-store.js";
import type { WindowStore } from "../store/window-store.js";
import { driftRoutes } from "./drift-routes.js";
import { segmentRowsRoute } from "./segment-rows-route.js";
import type { SegmentRowsClient } from "../windows/segment-rows-client.js";
import { segmentRoutes } from "./segments-routes.js";
import { windowRoutes } from "./windows-routes.js";
import { resolve } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Requests } from "../requests.js";
import type { GatewayOptions } from "../gateway-options.js";
import { statusTargetsOf } from "../status/service-status.js";
import type { LiveFeed } from "../live/live-feed.js";
import { eventRoutes } from "./events-routes.js";
import { ingressRoutes } from "./ingress-routes.js";
import { jobRoutes } from "./jobs-routes.js";
import { predictionRoutes } from "./predictions-routes.js";
import { siteRoutes } from "./site-routes.js";
import { measure } from "./telemetry.js";
import { traceRequests } from "./traced-requests.js";
import { v2Routes } from "./v2-routes.js";

/** What routes answer from. */
export interface Answering {
  readonly requests: Requests;
  readonly windows: WindowStore;
  readonly features: FeatureWindowStore;
  readonly live: LiveFeed;
  readonly segmentRows: SegmentRowsClient;
}

/** All routes of the gateway, each set in its own context. */
export async function addRoutes(
  app: FastifyInstance,
  { requests, windows, features, live, segmentRows }: Answering,
  options: GatewayOptions,
): Promise<void> {
  const { bus, lane, logsDir, model, textColumns, timeColumn, timeZone } = options;
  const csv = { textColumns, timeColumn, timeZone };
  const { publisher, database, predictions, jobs } = requests;
  // Requests that wait for an answer would hold up the end of the gateway for as long as they wait.
  app.addHook("preClose", async () => predictions.waits.end());
  measure(app, options.registry, () => predictions.waiting);
  if (options.tracing !== undefined) traceRequests(app, options.tracing);
  await app.register(async (part) => ingressRoutes(part, { publisher, csv, model }));
  await app.register(async (part) => predictionRoutes(part, predictions));
  await app.register(async (part) => jobRoutes(part, { jobs, model, csv }));
  await app.register(async (part) => windowRoutes(part, windows));
  await app.register(async (part) => driftRoutes(part, features, windows));
  await app.register(async (part) => segmentRoutes(part, features, windows));
  await app.register(async (part) => segmentRowsRoute(part, { features, windows, client: segmentRows }));
  await app.register(async (part) => eventRoutes(part, live));
  await app.register(async (part) =>
    v2Routes(part, { predictions, lane, model, lastModel: () => requests.lastModel, ready: () => requests.ready() }),
  );
  await app.register(async (part) =>
    siteRoutes(part, {
      bus,
      lane,
      partitions: options.partitions,
      logsDir: resolve(logsDir),
      targets: statusTargetsOf(options.statusUrls),
      rabbitPageUrl: options.rabbitPageUrl,
      database: () => database.status(),
      waiting: () => predictions.waiting,
    }),
  );
}
