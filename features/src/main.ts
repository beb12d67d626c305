import { runWorker } from "@streamgauge/core";
import { DEFAULT_DATASET } from "./default-dataset.js";
import { startFeatures } from "./service.js";
import { showProgress } from "./terminal-progress.js";

await runWorker("features", async ({ config, own, stop, fail, bus, log, registry }) => {
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
