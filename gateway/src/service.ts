import { FEATURE_WINDOWS_QUEUE, readFeatureWindows, WINDOW_REQUESTS_EXCHANGE, WINDOWS_QUEUE, type Closable } from "@streamgauge/core";
import { readWindowMessage, windowRequest } from "@streamgauge/core/windows";
import { FeatureWindowStore } from "./store/feature-window-store.js";
import { WindowStore } from "./store/window-store.js";
import { SegmentRowsClient } from "./windows/segment-rows-client.js";
import { WindowFeed } from "./windows/window-feed.js";
import type { GatewayOptions } from "./gateway-options.js";
import { openApp } from "./http/app.js";
import { listenAt } from "./http/listen-at.js";
import { LiveFeed } from "./live/live-feed.js";
import { Watch } from "./status/watch.js";
import { addRoutes } from "./http/routes.js";
import { isLoopback, keysOf, OpenGatewayError } from "./access.js";
import { Requests } from "./requests.js";

/** The running service. */
export interface Gateway extends Closable {
  /** Its address, `http://host:port`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves HTTP until closed.
 *
 * @throws OpenGatewayError if anyone could write; WeakKeyError.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, host, port, rateLimit, open } = options;
  const apiKeys = keysOf("API_KEYS", options.apiKeys);
  const readKeys = keysOf("READ_KEYS", options.readKeys);
  if (apiKeys.length === 0 && !open && !isLoopback(host)) throw new OpenGatewayError(host);
  const watch = new Watch(options, () => requests.database.status());
  const requests = new Requests(options);
  const windows = new WindowStore(requests.database);
  const live = new LiveFeed({
    bus: options.bus,
    log,
    windows,
    surroundings: () => watch.look(),
    onNotice: (notice) => watch.onNotice(notice),
    onComparison: (notice) => watch.onComparison(notice),
  });
  const windowFeed = new WindowFeed(options.bus, {
    queue: WINDOWS_QUEUE,
    read: readWindowMessage,
    put: (message, signal) => windows.put(message, signal),
    onStored: (message) => live.onWindows(message),
  });
  const features = new FeatureWindowStore(requests.database);
  const featureFeed = new WindowFeed(options.bus, {
    queue: FEATURE_WINDOWS_QUEUE,
    read: readFeatureWindows,
    put: (message, signal) => features.put(message, signal),
    onStored: () => undefined,
  });
  const segmentRows = new SegmentRowsClient(options.bus);
  const app = await openApp({ log, rateLimit, apiKeys, readKeys }, (routes) =>
    addRoutes(routes, { requests, windows, features, live, segmentRows }, options),
  );
  await watch.start();
  await requests.start();
  await windowFeed.start();
  await featureFeed.start();
  await segmentRows.start();
  // Those of the time before, if the database is new.
  options.bus.broadcast(WINDOW_REQUESTS_EXCHANGE, windowRequest());
  await live.start();
  const url = await listenAt(app, host, port, log);
  // Opened last: creating an empty PGlite takes seconds of CPU time, and nothing waits for it.
  requests.database.open();
  log.info(`The gateway is at ${url}${whoMayWrite(apiKeys.length > 0, open)}${readKeys.length > 0 ? "; reading needs a key" : ""}.`);
  return {
    url,
    close: async () => {
      await segmentRows.close();
      await app.close();
      await live.close();
      await windowFeed.close();
      await featureFeed.close();
      await requests.close();
      await watch.close();
    },
  };
}

function whoMayWrite(hasKeys: boolean, open: boolean): string {
  if (hasKeys) return "; writing needs an API key";
  if (open) return "; anyone who reaches it may write: publish its port on this machine alone, or set API_KEYS";
  return ", for this machine alone: set API_KEYS to open it to others";
}
