import {
  CHAMPION,
  COMMON_SETTINGS,
  createLogger,
  partOf,
  readConfig,
  registryOf,
  type Bus,
  type Closable,
  type Logger,
  type ServiceLink,
  type Settings,
  type StartService,
} from "@streamgauge/core";

/** A service's package: what it reads, and how it starts. */
export interface Service<S extends Settings, Running> {
  readonly SETTINGS: S;
  readonly start: StartService<S, Running>;
}

export interface StartedService<Running> extends Closable {
  /** What its `start` returned. */
  readonly running: Running;
  readonly registry: ServiceLink["registry"];
  /** Closes what the service opened; the bus stays open. */
  readonly close: () => Promise<void>;
}

export interface StartServiceOptions {
  readonly lane?: string;
  /** Default: nothing is logged. */
  readonly log?: Logger;
}

/**
 * Starts a service in this process as a process of its own would: by its `start`, with settings as texts. Only the health server is left out.
 *
 * @throws ConfigError, and what the service throws; what it had opened is closed then.
 */
export async function startServiceOn<S extends Settings, Running>(
  bus: Bus,
  { SETTINGS, start }: Service<S, Running>,
  settings: Readonly<Record<string, string>>,
  { lane = CHAMPION, log = createLogger("test", "silent") }: StartServiceOptions = {},
): Promise<StartedService<Running>> {
  const ending = new AbortController();
  const fail = (error: unknown) => log.fatal(error, "The service cannot go on.");
  const scope = partOf({ own: (thing) => thing, signal: ending.signal, stop: () => ending.abort(), fail });
  const registry = registryOf(lane);
  const link: ServiceLink = { bus, log, registry, health: NO_HEALTH, lane };
  const close = async () => {
    ending.abort();
    await scope.close();
  };
  try {
    const running = await start(scope, readConfig(COMMON_SETTINGS, settings, SETTINGS), link);
    return { running, registry, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Does not answer. */
const NO_HEALTH: ServiceLink["health"] = { url: "", addRegistry: () => undefined, onPost: () => undefined, close: () => undefined };
