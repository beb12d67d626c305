import { runWorker } from "@streamgauge/core";
import { start } from "./start.js";

await runWorker("plot", {}, start);
