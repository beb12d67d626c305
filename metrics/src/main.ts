import { runWorker } from "@streamgauge/core";
import { SETTINGS } from "./settings.js";
import { startPartitions } from "./start-partitions.js";

await runWorker("metrics", SETTINGS, startPartitions);
