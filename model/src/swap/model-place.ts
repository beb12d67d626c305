import { modelOfLane } from "@streamgauge/core";
import { defaultModelPath } from "../session/index.js";
import type { ModelConfig } from "../settings.js";
import { modelVersions, type ModelVersion } from "./model-versions.js";

/** Where a lane's model is: a path, or the URL of a server. */
export function placeOf(config: Pick<ModelConfig, "LANES" | "MODEL_URL" | "MODEL_PATH">, lane: string): string {
  const places = [modelOfLane(config, lane), config.MODEL_URL, config.MODEL_PATH, defaultModelPath];
  return places.find((place) => place !== "") ?? defaultModelPath;
}

/** Whether a place is the URL of a model server. */
export function isUrl(place: string): boolean {
  return /^https?:\/\//.test(place);
}

/** The models that a place stands for, the one that is wanted most first. @param place - a path, see `modelVersions`, or a URL. */
export async function versionsAt(place: string): Promise<readonly ModelVersion[]> {
  return isUrl(place) ? [{ path: place, mark: "" }] : modelVersions(place);
}
