import { MessageChannel } from "node:worker_threads";
import { describeBus } from "../contract/describe-bus.js";
import { connectBus } from "../connect-bus.js";
import type { BusOptions } from "../transport.js";
import { PortBus } from "./port-bus.js";
import { serveBus } from "./serve-bus.js";

async function connectThroughPort(options: BusOptions) {
  const { port1, port2 } = new MessageChannel();
  serveBus(await connectBus(options), port1);
  return new PortBus(port2, options.log, false);
}

describeBus("in memory, from another thread", () => "memory:port", connectThroughPort);
