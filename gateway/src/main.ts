import { CHAMPION, runWorker, topologyOf, withGateway } from "@streamgauge/core";
import { SETTINGS, start } from "./start.js";

await runWorker(
  "gateway",
  SETTINGS,
  (scope, config, link) => start(scope, config, { ...link, lane: CHAMPION }),
  ({ PARTITIONS }) => withGateway(topologyOf([CHAMPION], PARTITIONS), CHAMPION, PARTITIONS),
);
