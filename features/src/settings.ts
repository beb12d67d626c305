import {
  ConfigError,
  FRAME_FORMATS,
  milliseconds,
  oneOf,
  realNumber,
  text,
  wholeNumber,
  flag,
  type CommonConfig,
  type Config,
  type DataConfig,
} from "@streamgauge/core";
import { DEFAULT_DATASET } from "./default-dataset.js";
import type { FeaturesOptions } from "./service.js";

/** The settings of features. */
export const FEATURES_SETTINGS = {
  SOURCES_PATH: text("A file that describes HTTP sources of rows; they take the place of the dataset."),
  ROWS_PER_SECOND: realNumber("Pace of the source; 0 = as fast as the rest takes them.", 10, 0, 1e9),
  TIME_SPEED: realNumber(
    "Replays the dataset at so many times the pace of its TIME_COLUMN, whatever ROWS_PER_SECOND says: 1 = as it happened, 3600 = an hour a second; 0 = ROWS_PER_SECOND sets the pace.",
    0,
    0,
    1e9,
  ),
  ALLOW_UNLABELLED: flag("1 = a row of the dataset whose target is missing is sent, without a label; 0 = it is not sent."),
  ROW_LIMIT: wholeNumber("How many rows to send, looping over the dataset; 0 = endless.", 0, 0, Number.MAX_SAFE_INTEGER),
  LABEL_DELAY_MS: milliseconds("How long labels are held back after their rows, in ms.", 0),
  FRAME_ROWS: wholeNumber("Rows in one message.", 1, 1, 65_536),
  FRAME_DELAY_MS: wholeNumber("How long a row may wait for its message to fill, in ms.", 100, 0, 60_000),
  FRAME_FORMAT: oneOf("How the source writes messages; every reader takes each of them.", "json", FRAME_FORMATS),
  START_OVER: flag("1 = the source begins a new run, whatever its checkpoint says."),
} as const;

/** What features reads. */
export type FeaturesConfig = CommonConfig & DataConfig & Config<typeof FEATURES_SETTINGS>;

/** What the settings say about the rows that are sent. @throws ConfigError if they contradict each other. */
export function featuresSettings(config: FeaturesConfig) {
  if (config.TIME_SPEED > 0 && config.TIME_COLUMN === "")
    throw new ConfigError(["TIME_SPEED needs TIME_COLUMN: name the column of the dataset that says when each row happened."]);
  return {
    datasetPath: config.DATASET_PATH === "" ? DEFAULT_DATASET : config.DATASET_PATH,
    targetColumn: config.TARGET_COLUMN,
    idColumn: config.ID_COLUMN,
    features: config.FEATURES.length === 0 ? undefined : config.FEATURES,
    textColumns: config.TEXT_COLUMNS,
    timeColumn: config.TIME_COLUMN,
    timeZone: config.TIME_ZONE,
    timeSpeed: config.TIME_SPEED,
    allowUnlabelled: config.ALLOW_UNLABELLED,
    rowsPerSecond: config.ROWS_PER_SECOND,
    rowLimit: config.ROW_LIMIT,
    labelDelayMs: config.LABEL_DELAY_MS,
    frameRows: config.FRAME_ROWS,
    frameDelayMs: config.FRAME_DELAY_MS,
    frameFormat: config.FRAME_FORMAT,
    partitions: config.PARTITIONS,
    // The in-memory bus loses its messages with the process, so each start is a new run.
    logsDir: config.AMQP_URL === "" ? undefined : config.LOGS_DIR,
    startOver: config.START_OVER,
  } satisfies Partial<FeaturesOptions>;
}
