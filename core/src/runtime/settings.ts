import { SHARED_SCHEMES } from "../bus/connect-bus.js";
import { brokerUrl, flag, nameList, oneOf, text, timeZone, wholeNumber, type Config } from "./config.js";
import { laneName, lanes } from "./lanes.js";
import { partitions } from "./partition-settings.js";
import { LOG_LEVELS } from "../logging.js";
import { OTEL_SETTINGS } from "../tracing/settings.js";

/** The settings of every service. Each service has its own beside its code. */
export const COMMON_SETTINGS = {
  AMQP_URL: brokerUrl(
    "RabbitMQ, as `amqp://user:password@host:5672/vhost`; of a cluster each node: `amqp://user:password@a:5672,b:5672,c:5672/vhost`. `npm start` without it runs in one process without RabbitMQ.",
    SHARED_SCHEMES,
    "amqp://user:password@host:5672",
  ),
  LOGS_DIR: text("Folder of the log, the pictures and the state that belongs to them.", "logs"),
  LANES: lanes(
    "Models that score the same rows side by side, as `champion=a.onnx,challenger=b.onnx`: paths or URLs of model servers. Default: the champion alone.",
  ),
  LANE: laneName("The lane of a `model` or `metrics` process."),
  PARTITIONS: partitions(
    "How many processes or threads share the ids of each lane in metrics, the same for every service. See docs/partitions.md.",
  ),
  HTTP_HOST: text("Address on which a service answers `/livez`, `/readyz` and `/metrics`.", "127.0.0.1"),
  HTTP_PORT: wholeNumber("Port of the same; 0 = a free one, which is logged.", 0, 0, 65_535),
  LOG_LEVEL: oneOf("How much is logged.", "info", LOG_LEVELS),
  ...OTEL_SETTINGS,
} as const;

export type CommonConfig = Config<typeof COMMON_SETTINGS>;

/**
 * What the rows look like, for all who read or score them. Paths are relative to the folder in which the command is given; an empty path
 * means the file that comes with the program.
 */
export const DATA_SETTINGS = {
  DATASET_PATH: text("The CSV file whose rows are sent. Default: the diabetes study that comes with the program."),
  TARGET_COLUMN: text("The column of the dataset that holds the true value.", "target"),
  ID_COLUMN: text("The column of the dataset that holds ids. Default: ids are made, unique and in sending order."),
  TIME_COLUMN: text(
    "The column of the dataset that says when each row happened. Default: a row happened when it is sent. See docs/event-time.md.",
  ),
  TIME_ZONE: timeZone("The time zone of times without an offset, as a name of the IANA database such as `Europe/Berlin`.", "UTC"),
  FEATURES: nameList(
    "Columns that the model takes, in its order, separated by commas. Default: as the model names them; else every column but target, id and time.",
  ),
  TEXT_COLUMNS: nameList(
    "Columns of CSV that travel as text even if they look like numbers, separated by commas. The model decides in any case.",
  ),
  ALLOW_MISSING: flag(
    "1 = missing values (empty cells, NA and the like) reach the model, as NaN or empty text; 0 = their rows are refused.",
  ),
} as const;

export type DataConfig = Config<typeof DATA_SETTINGS>;

/** Fewer rows say too little. */
export const LEAST_REFERENCE_ROWS = 100;

/** What counts as the usual of a model version, for those who compare with it: model and metrics need the same. */
export const REFERENCE_SETTINGS = {
  REFERENCE_ROWS: wholeNumber(
    "The first rows of each model version: how wrong it usually is, and what rows look like if it has no reference. With more of them the alarm notices smaller changes.",
    1_000,
    LEAST_REFERENCE_ROWS,
    100_000_000,
  ),
} as const;

export type ReferenceConfig = Config<typeof REFERENCE_SETTINGS>;
