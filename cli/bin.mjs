#!/usr/bin/env node
// The `streamgauge` command: prepares the clone when it needs it, then runs the command line.
import { fileURLToPath } from "node:url";

process.argv.splice(2, 0, "cli");
process.argv[1] = fileURLToPath(new URL("../scripts/run.mjs", import.meta.url));
await import("../scripts/run.mjs");
