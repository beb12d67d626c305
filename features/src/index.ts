export { DEFAULT_DATASET } from "./default-dataset.js";
export { DatasetError } from "./dataset.js";
export { startFeatures, type Features, type FeaturesOptions } from "./service.js";
