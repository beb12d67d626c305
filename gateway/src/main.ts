import { CHAMPION, runWorker, topologyOf, withGateway } from "@streamgauge/core";
import { SETTINGS, start } from "./start.js";

const topology = withGateway(topologyOf([CHAMPION]), CHAMPION);
await runWorker("gateway", SETTINGS, (scope, config, link) => start(scope, config, { ...link, lane: CHAMPION }), topology);
