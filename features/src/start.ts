import { DATA_SETTINGS, type ServiceLink, type ServiceScope } from "@streamgauge/core";
import { startFeatures, type Features } from "./service.js";
import { FEATURES_SETTINGS, featuresSettings, type FeaturesConfig } from "./settings.js";
import { startSources } from "./sources/service.js";
import { readSourcesFile } from "./sources/sources-file.js";

/** All settings that features reads beside the common ones. */
export const SETTINGS = { ...DATA_SETTINGS, ...FEATURES_SETTINGS };

/** Starts to send the rows of the dataset; or those of HTTP sources, which have no end: then it returns undefined. @throws SourcesFileError */
export async function start(scope: ServiceScope, config: FeaturesConfig, link: ServiceLink): Promise<Features | undefined> {
  if (config.SOURCES_PATH === "") return scope.own(startFeatures({ ...link, ...featuresSettings(config) }));
  const sources = readSourcesFile(config.SOURCES_PATH, process.env);
  scope.own(startSources({ ...link, sources, frameRows: config.FRAME_ROWS, frameFormat: config.FRAME_FORMAT }));
  return undefined;
}
