import { runWorker } from "@streamgauge/core";
import { DEFAULT_DATASET } from "./default-dataset.js";
import { startFeatures } from "./service.js";
import { startSources } from "./sources/service.js";
import { readSourcesFile } from "./sources/sources-file.js";
import { showProgress } from "./terminal-progress.js";

await runWorker("features", async ({ config, own, stop, fail, bus, log, registry }) => {
  if (config.SOURCES_PATH !== "") {
    const sources = readSourcesFile(config.SOURCES_PATH, process.env);
    own(startSources({ bus, log, registry, sources, frameRows: config.FRAME_ROWS, frameFormat: config.FRAME_FORMAT }));
    return;
  }
  const features = own(
    startFeatures({
      bus,
      log,
      registry,
      datasetPath: config.DATASET_PATH === "" ? DEFAULT_DATASET : config.DATASET_PATH,
      targetColumn: config.TARGET_COLUMN,
      idColumn: config.ID_COLUMN,
      features: config.FEATURES.length === 0 ? undefined : config.FEATURES,
      textColumns: config.TEXT_COLUMNS,
      rowsPerSecond: config.ROWS_PER_SECOND,
      rowLimit: config.ROW_LIMIT,
      labelDelayMs: config.LABEL_DELAY_MS,
      frameRows: config.FRAME_ROWS,
      frameDelayMs: config.FRAME_DELAY_MS,
      frameFormat: config.FRAME_FORMAT,
      logsDir: config.LOGS_DIR,
      startOver: config.START_OVER,
    }),
  );
  own(showProgress(features, config.ROW_LIMIT, log));
  features.finished.then(stop, fail);
});
