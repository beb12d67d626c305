export { csvFileRows } from "./csv-file.js";
export { Dataset } from "./dataset.js";
export { DatasetError } from "./dataset-error.js";
export { DEFAULT_DATASET } from "./default-dataset.js";
export type { Features } from "./service.js";
export { SETTINGS, start } from "./start.js";
