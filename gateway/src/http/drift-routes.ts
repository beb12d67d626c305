import { driftReport, DriftReportSchema, SPREAD_MS, type DriftHour, type DriftReport, type MonitoredReference } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { FeatureVersion, FeatureWindowFilter, FeatureWindowStore } from "../store/feature-window-store.js";
import type { WindowStore } from "../store/window-store.js";
import { chosenVersion, hourChoice, type HourQuery } from "./hour-query.js";
import { problems } from "./problem.js";
import type { TypeBoxProvider } from "./validation.js";
import { filterOf } from "./windows-routes.js";

/** A month of hours: each is compared with the reference by itself. */
const MOST_HOURS = 744;

/** Whether rows still look like those that the model was made with. */
export function driftRoutes(instance: FastifyInstance, features: FeatureWindowStore, windows: WindowStore): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  app.get(
    "/drift",
    {
      schema: {
        tags: ["windows"],
        summary: "How far features and predictions have moved from the model's reference, by hour of event time",
        description: `The latest ${MOST_HOURS} hours of the range, and all of them together; null if there are none, or if the model has no reference.`,
        querystring: Type.Object(hourChoice, { additionalProperties: false }),
        response: { 200: Type.Object({ drift: Type.Union([DriftReportSchema, Type.Null()]) }), ...problems(400, 404, 429, 503) },
      },
    },
    async ({ query }: { query: HourQuery }) => {
      const filter = filterOf(query);
      const version = await chosenVersion(features, windows, filter, query.model);
      return { drift: version === undefined ? null : ((await driftIn(features, version, filter)) ?? null) };
    },
  );
}

async function driftIn(
  features: FeatureWindowStore,
  version: FeatureVersion & { readonly reference: MonitoredReference },
  filter: FeatureWindowFilter,
): Promise<DriftReport | undefined> {
  const hours: DriftHour[] = [];
  // What drift does not need is most of a window.
  for await (const { start, model, layout, predicted, columns } of features.hours(
    { ...filter, from: filter.from - SPREAD_MS },
    version,
    MOST_HOURS,
  ))
    hours.push({ start, model, layout, predicted, columns });
  return driftReport(version.reference, hours, filter.from);
}
