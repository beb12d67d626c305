import { runWorker } from "@streamgauge/core";
import { SETTINGS, start } from "./start.js";

await runWorker("model", SETTINGS, start);
