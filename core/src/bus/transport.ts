import type { Logger } from "../logging.js";
import type { Bus } from "./bus.js";
import type { Topology } from "./topology.js";

/** What every transport needs to link a service to a broker. */
export interface BusOptions {
  /** Its scheme picks the transport; the rest is the transport's own. */
  readonly url: string;
  /** Declared on the broker before the bus is returned. */
  readonly topology: Topology;
  /** The service; it names the link and signs its messages. */
  readonly name: string;
  readonly log: Logger;
  /** Aborting it stops waiting: for the first connection, and for a queue that another consumer reads. */
  readonly signal?: AbortSignal;
}

/** A kind of broker. Each stands in a folder of its own, and its bus passes the cases of `contract/`. */
export interface Transport {
  /** URL schemes that it serves, with their colon: `amqp:`. */
  readonly schemes: readonly string[];
  /** Whether other processes reach the same broker; only such a one can link services that run alone. */
  readonly isShared: boolean;
  /**
   * Resolves with the bus once it is connected and the topology is declared.
   *
   * @throws TopologyError if the broker holds a queue or an exchange of that name with other arguments; BusClosedError if the signal
   * is aborted first.
   */
  connect(options: BusOptions): Promise<Bus>;
}
