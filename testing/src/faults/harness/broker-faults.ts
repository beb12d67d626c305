import type { PrivateBroker } from "../../index.js";
import type { Pipeline } from "./pipeline.js";

/** What a broker can do to the services. */
export interface BrokerFault {
  /** Completes "the broker …". */
  readonly name: string;
  /** In one case. */
  readonly rounds: number;
  readonly inject: (pipeline: Pipeline, broker: PrivateBroker) => Promise<unknown>;
  /** Ends it; what comes next must be work. */
  readonly mend: (pipeline: Pipeline, broker: PrivateBroker) => Promise<unknown>;
}

const nothing = () => Promise.resolve();
const ctl =
  (...command: readonly string[]) =>
  (_pipeline: Pipeline, broker: PrivateBroker) =>
    broker.ctl(...command);
const alarm =
  (...command: readonly string[]) =>
  (pipeline: Pipeline, broker: PrivateBroker) =>
    pipeline.makesSay(/takes no messages just now/, () => broker.ctl(...command), [pipeline.features]);

export const BROKER_FAULTS: readonly BrokerFault[] = [
  {
    name: "killed and started again",
    rounds: 3,
    inject: (pipeline, broker) => pipeline.killBroker(broker),
    mend: (_pipeline, broker) => broker.start(),
  },
  { name: "stopped and started again", rounds: 2, inject: ctl("stop_app"), mend: ctl("start_app") },
  { name: "closing all connections", rounds: 5, inject: ({ vhost }, broker) => broker.closeConnections(vhost), mend: nothing },
  {
    name: "refusing new connections",
    rounds: 2,
    inject: async (pipeline, broker) => {
      // A service that still waits to try again after the last round has nothing new to say.
      await Promise.all(pipeline.services.map((service) => service.ready()));
      await broker.ctl("suspend_listeners");
      await pipeline.makesSay(/Trying again until it answers/, () => broker.closeConnections(pipeline.vhost));
    },
    mend: ctl("resume_listeners"),
  },
  {
    name: "under a memory alarm",
    rounds: 2,
    inject: alarm("set_vm_memory_high_watermark", "0"),
    mend: ctl("set_vm_memory_high_watermark", "0.4"),
  },
  {
    name: "under a disk alarm",
    rounds: 2,
    inject: alarm("set_disk_free_limit", "999999GB"),
    mend: ctl("set_disk_free_limit", "50MB"),
  },
];
