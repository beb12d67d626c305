import { runWorker } from "@streamgauge/core";
import { startFeatures } from "./service.js";
import { featuresSettings } from "./settings.js";
import { startSources } from "./sources/service.js";
import { readSourcesFile } from "./sources/sources-file.js";
import { showProgress } from "./terminal-progress.js";

await runWorker("features", async ({ config, own, stop, fail, bus, log, registry }) => {
  if (config.SOURCES_PATH !== "") {
    const sources = readSourcesFile(config.SOURCES_PATH, process.env);
    own(startSources({ bus, log, registry, sources, frameRows: config.FRAME_ROWS, frameFormat: config.FRAME_FORMAT }));
    return;
  }
  const features = own(startFeatures({ bus, log, registry, ...featuresSettings(config) }));
  own(showProgress(features, config.ROW_LIMIT, log));
  features.finished.then(stop, fail);
});
