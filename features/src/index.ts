export { DEFAULT_DATASET } from "./default-dataset.js";
export { DatasetError } from "./dataset-error.js";
export { startFeatures, type Features, type FeaturesOptions } from "./service.js";
