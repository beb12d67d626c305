import { quote, type MonitoredReference } from "@streamgauge/core";
import Type from "typebox";
import type { FeatureVersion, FeatureWindowFilter, FeatureWindowStore } from "../store/feature-window-store.js";
import type { WindowStore } from "../store/window-store.js";
import { ProblemError } from "./problem.js";
import { requireLane, windowChoice } from "./windows-routes.js";

const { lane, from, to } = windowChoice;

/** Query parameters that choose hours of a model version. */
export const hourChoice = {
  lane,
  from,
  to,
  model: Type.Optional(Type.String({ maxLength: 512, description: "A model version. Default: that of the latest hour." })),
};

/** The values of `hourChoice`. */
export interface HourQuery {
  readonly lane?: string;
  readonly from?: string;
  readonly to?: string;
  readonly model?: string;
}

/** Model versions of the lane with hours that are kept, the latest first. */
export function keptModels(features: FeatureWindowStore, filter: FeatureWindowFilter): Promise<string[]> {
  return features.models({ ...filter, from: -Infinity, to: Infinity });
}

/**
 * The version that is asked for, with its reference.
 *
 * @param asked - undefined: the version of the latest hour. @returns undefined if it has no hours in the range, or no reference has come.
 * @throws ProblemError for a lane or a version of which there is nothing.
 */
export async function chosenVersion(
  features: FeatureWindowStore,
  windows: WindowStore,
  filter: FeatureWindowFilter,
  asked: string | undefined,
): Promise<(FeatureVersion & { readonly reference: MonitoredReference }) | undefined> {
  const version = await features.latestVersion(filter, asked);
  if (version === undefined) {
    await requireLane(windows, filter.lane);
    if (asked !== undefined) requireModel(await keptModels(features, filter), asked);
    return undefined;
  }
  const reference = await features.reference(version);
  return reference && { ...version, reference };
}

/** @throws ProblemError */
function requireModel(models: readonly string[], asked: string): void {
  if (models.includes(asked)) return;
  const known = models.length === 0 ? "There are none yet" : `They are ${models.map((each) => quote(each)).join(", ")}`;
  throw new ProblemError(404, `No hour of a model version ${quote(asked)} is kept with bins of its features. ${known}.`);
}
