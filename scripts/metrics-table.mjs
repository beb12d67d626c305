// Writes the table of docs/metrics.md from the code. A test fails if it is out of date.
import { prepare } from "./prepare.mjs";
import { replaceTable } from "./replace-table.mjs";

await prepare("core");
const { metricsPageTable } = await import("../core/dist/index.js");
replaceTable("docs/metrics.md", "metrics", metricsPageTable());
