import { nameList, text, url, wholeNumber, type CommonConfig, type Config, type DataConfig, type ReferenceConfig } from "@streamgauge/core";

/** The settings of the model service. */
export const MODEL_SETTINGS = {
  MODEL_PATH: text("The ONNX model. Default: the model of the diabetes study that comes with the program."),
  MODEL_URL: url(
    "A model on a server of the Open Inference Protocol (KServe, Triton, MLServer), as `http://host:8000/v2/models/NAME`, in place of `MODEL_PATH`.",
    ["http:", "https:"],
    "http://host:8000/v2/models/NAME",
  ),
  MODEL_CONCURRENCY: wholeNumber("Calls of that server that may be under way at once.", 4, 1, 256),
  MODEL_TIMEOUT_MS: wholeNumber("How long one call of that server may take, in ms; then it is tried again.", 10_000, 1, 600_000),
  OUTPUT: text(
    "Which output of the model is the prediction: `NAME`, or `NAME[0]` of several numbers a row. Default: the only floating one.",
  ),
  MONITOR_FEATURES: nameList(
    "The features whose drift is watched, by name, at most 64. Default: all of the model's reference, which `streamgauge model inspect` shows.",
  ),
  BATCH_ROWS: wholeNumber("Rows that the model scores in one call, at most.", 8_192, 1, 65_536),
  BATCH_DELAY_MS: wholeNumber("How long the model waits for more rows, in ms; 0 = it takes what is there.", 0, 0, 60_000),
} as const;

/** What the model service reads. */
export type ModelConfig = CommonConfig & DataConfig & ReferenceConfig & Config<typeof MODEL_SETTINGS>;
