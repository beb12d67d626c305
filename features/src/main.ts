import { runWorker } from "@streamgauge/core";
import { SETTINGS, start } from "./start.js";
import { showProgress } from "./terminal-progress.js";

await runWorker("features", SETTINGS, async (scope, config, link) => {
  const features = await start(scope, config, link);
  if (features === undefined) return;
  scope.own(showProgress(features, config.ROW_LIMIT, link.log));
  features.finished.then(scope.stop, scope.fail);
});
