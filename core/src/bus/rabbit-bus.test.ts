import { beforeAll } from "vitest";
import { captureLog } from "../testing/captured-log.js";
import { freshVhost } from "../testing/shared-broker.js";
import { describeBus } from "./bus-contract.js";
import { RabbitBus } from "./rabbit-bus.js";

let url: string;
beforeAll(async () => {
  url = await freshVhost("contract");
});

describeBus(
  "on RabbitMQ",
  async (topology) => (service) => RabbitBus.connect({ url, topology, name: service, log: captureLog(service).log }),
);
