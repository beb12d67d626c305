import { BusClosedError, connectBus, createLogger, type Bus, type Topology } from "@streamgauge/core";

/** RabbitMQ did not answer a command in time. */
export class BrokerAwayError extends Error {
  override readonly name = "BrokerAwayError";
  readonly seconds: number;

  constructor(seconds: number) {
    super(`RabbitMQ could not be used within ${seconds} s; --wait <seconds> waits longer.`);
    this.seconds = seconds;
  }
}

/** The longest timer of Node. */
const MAX_WAIT_MS = 2 ** 31 - 1;

export interface BrokerOptions {
  readonly url: string;
  readonly topology: Topology;
  /** Names the link. */
  readonly name: string;
  /** How long RabbitMQ is waited for. */
  readonly seconds: number;
}

/** Does the work of a command over RabbitMQ. @throws BrokerAwayError */
export async function withBroker<T>({ seconds, ...options }: BrokerOptions, work: (bus: Bus) => Promise<T>): Promise<T> {
  const log = createLogger(options.name, "warn", process.stderr);
  const signal = AbortSignal.timeout(Math.min(seconds * 1_000, MAX_WAIT_MS));
  const bus = await connectBus({ ...options, log, signal }).catch((error: unknown) => {
    throw error instanceof BusClosedError ? new BrokerAwayError(seconds) : error;
  });
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}
