import { captureLog } from "@streamgauge/testing";
import { describeBus } from "../contract/describe-bus.js";
import { MemoryBroker } from "./broker.js";
import { MemoryBus } from "./bus.js";

describeBus("in memory", async (topology) => {
  const broker = new MemoryBroker(topology);
  return async (service) => new MemoryBus(broker, service, captureLog(service).log);
});
