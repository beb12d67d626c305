import type { StreamgaugeConfig } from "@streamgauge/core";
import { DEFAULT_DATASET } from "./default-dataset.js";
import type { FeaturesOptions } from "./service.js";

/** What the settings say about the rows that are sent. */
export function featuresSettings(config: StreamgaugeConfig) {
  return {
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
  } satisfies Partial<FeaturesOptions>;
}
