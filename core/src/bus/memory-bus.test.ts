import { captureLog } from "@streamgauge/testing";
import { describeBus } from "./bus-contract.js";
import { MemoryBroker } from "./memory-broker.js";
import { MemoryBus } from "./memory-bus.js";

describeBus("in memory", async (topology) => {
  const broker = new MemoryBroker(topology);
  return async (service) => new MemoryBus(broker, service, captureLog(service).log);
});
