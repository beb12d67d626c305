import { runWorker } from "@streamgauge/core";
import { SETTINGS } from "./settings.js";
import { start } from "./start.js";

await runWorker("alerts", SETTINGS, start);
