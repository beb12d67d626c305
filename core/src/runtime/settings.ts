import { SHARED_SCHEMES } from "../bus/connect-bus.js";
import { flag, nameList, oneOf, realNumber, text, wholeNumber, type Config, type Setting } from "./config.js";
import { laneName, lanes } from "./lanes.js";
import { LOG_LEVELS } from "./logging.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const MAX_MS = 10 * 365 * DAY_MS;

/**
 * All environment variables, the same names in every service. The README's table is checked against this one.
 * Paths are relative to the folder in which the command is given; an empty path means the file that comes with the program.
 */
export const SETTINGS = {
  AMQP_URL: url(
    "RabbitMQ, as `amqp://user:password@host:5672/vhost`. `npm start` without it runs in one process without RabbitMQ.",
    SHARED_SCHEMES,
    "amqp://user:password@host:5672",
  ),
  LOGS_DIR: text("Folder of the log, the picture and the state that belongs to them.", "logs"),
  MODEL_PATH: text("The ONNX model. Default: the model of the diabetes study that comes with the program."),
  MODEL_URL: url(
    "A model on a server of the Open Inference Protocol (KServe, Triton, MLServer), as `http://host:8000/v2/models/NAME`, in place of `MODEL_PATH`.",
    ["http:", "https:"],
    "http://host:8000/v2/models/NAME",
  ),
  MODEL_CONCURRENCY: wholeNumber("Calls of that server that may be under way at once.", 4, 1, 256),
  MODEL_TIMEOUT_MS: wholeNumber("How long one call of that server may take, in ms; then it is tried again.", 10_000, 1, 600_000),
  LANES: lanes(
    "Models that score the same rows side by side, as `champion=a.onnx,challenger=b.onnx`: paths or URLs of model servers. Default: the champion alone.",
  ),
  LANE: laneName("The lane of a `model` or `metrics` process."),
  DATASET_PATH: text("The CSV file whose rows are sent. Default: the diabetes study that comes with the program."),
  SOURCES_PATH: text("A file that describes HTTP sources of rows; they take the place of the dataset."),
  TARGET_COLUMN: text("The column of the dataset that holds the true value.", "target"),
  FEATURES: nameList(
    "Columns that the model takes, in its order, separated by commas. Default: as the model names them; else every column but target and id.",
  ),
  OUTPUT: text(
    "Which output of the model is the prediction: `NAME`, or `NAME[0]` of several numbers a row. Default: the only floating one.",
  ),
  ALLOW_MISSING: flag(
    "1 = missing values (empty cells, NA and the like) reach the model, as NaN or empty text; 0 = their rows are refused.",
  ),
  TEXT_COLUMNS: nameList(
    "Columns of CSV that travel as text even where they look like numbers, separated by commas. The model decides in any case.",
  ),
  ID_COLUMN: text("The column of the dataset that holds ids. Default: ids are made, unique and in sending order."),
  ROWS_PER_SECOND: realNumber("Pace of the source; 0 = as fast as the rest takes them.", 10, 0, 1e9),
  ROW_LIMIT: wholeNumber("How many rows to send, looping over the dataset; 0 = endless.", 0, 0, Number.MAX_SAFE_INTEGER),
  LABEL_DELAY_MS: wholeNumber("How long labels are held back after their rows, in ms.", 0, 0, MAX_MS),
  LABEL_RETENTION_MS: wholeNumber(
    "How long a label or a prediction waits for the other, in ms; then it goes to `logs/unmatched.csv`. Default: 7 days.",
    7 * DAY_MS,
    1,
    MAX_MS,
  ),
  FRAME_ROWS: wholeNumber("Rows in one message.", 1, 1, 65_536),
  FRAME_DELAY_MS: wholeNumber("How long a row may wait for its message to fill, in ms.", 100, 0, 60_000),
  FRAME_FORMAT: oneOf("How the source writes messages; all readers take both.", "json", ["json", "arrow"]),
  BATCH_ROWS: wholeNumber("Rows that the model scores in one call, at most.", 8_192, 1, 65_536),
  BATCH_DELAY_MS: wholeNumber("How long the model waits for more rows, in ms; 0 = it takes what is there.", 0, 0, 60_000),
  START_OVER: flag("1 = the source begins a new run, whatever its checkpoint says."),
  HTTP_HOST: text("Address on which a service answers `/livez`, `/readyz` and `/metrics`.", "127.0.0.1"),
  HTTP_PORT: wholeNumber("Port of the same; 0 = a free one, which is logged.", 0, 0, 65_535),
  GATEWAY_HOST: text("Address of the gateway. One that is not loopback needs `API_KEYS`.", "127.0.0.1"),
  GATEWAY_PORT: wholeNumber("Port of the gateway; 0 = a free one, which is logged.", 8_080, 0, 65_535),
  API_KEYS: text(
    "Keys that may write through the gateway, of 16 characters or more, separated by commas. Default: anyone on this machine.",
  ),
  GATEWAY_OPEN: flag(
    "1 = the gateway takes writes without a key on any address, for a container whose port is published on loopback alone.",
  ),
  GATEWAY_RATE_LIMIT: wholeNumber("Requests a second that the gateway takes from one address.", 5_000, 1, 1_000_000),
  DATABASE_URL: url(
    "PostgreSQL of the gateway, as `postgres://user:password@host:5432/name`. Default: PGlite below `LOGS_DIR`.",
    ["postgres:", "postgresql:"],
    "postgres://user:password@host:5432/name",
  ),
  GATEWAY_RETENTION_MS: wholeNumber(
    "How long the gateway keeps predictions, and jobs that are over, in ms; 0 = until someone removes them.",
    0,
    0,
    MAX_MS,
  ),
  RABBITMQ_PAGE_URL: url(
    "RabbitMQ's page, which the gateway shows at `/rabbitmq/`, as `http://host:15672`.",
    ["http:", "https:"],
    "http://host:15672",
  ),
  STATUS_URLS: text("Services that the gateway's `/status` asks, as `name=http://host:port`, separated by commas."),
  LOG_LEVEL: oneOf("How much is logged.", "info", LOG_LEVELS),
} as const;

export type StreamgaugeConfig = Config<typeof SETTINGS>;

/** A URL of one of these protocols, or nothing. */
function url(description: string, protocols: readonly string[], example: string): Setting<string> {
  return {
    description,
    default: "",
    parse(given) {
      if (given === "") return given;
      if (!URL.canParse(given) || !protocols.includes(new URL(given).protocol)) throw new Error(`must be a URL like ${example}`);
      return given;
    },
  };
}
