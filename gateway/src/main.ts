import { CHAMPION, runWorker, topologyOf, withGateway } from "@streamgauge/core";
import { startGateway } from "./service.js";
import { gatewaySettings } from "./settings.js";

await runWorker(
  "gateway",
  async ({ config, own, bus, log, registry }) => {
    own(await startGateway({ bus, log, registry, lane: CHAMPION, ...gatewaySettings(config) }));
  },
  withGateway(topologyOf([CHAMPION]), CHAMPION),
);
