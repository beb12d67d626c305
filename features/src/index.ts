export { startSources } from "./sources/service.js";
export { readSourcesFile } from "./sources/sources-file.js";
export { csvFileRows } from "./csv-file.js";
export { DEFAULT_DATASET } from "./default-dataset.js";
export { DatasetError } from "./dataset-error.js";
export { featuresSettings } from "./settings.js";
export { startFeatures, type Features, type FeaturesOptions } from "./service.js";
