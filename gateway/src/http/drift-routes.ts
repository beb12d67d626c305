import { driftReport, DriftReportSchema, quote, type CountedHour, type DriftReport } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { FeatureVersion, FeatureWindowFilter, FeatureWindowStore } from "../store/feature-window-store.js";
import type { WindowStore } from "../store/window-store.js";
import { ProblemError, problems } from "./problem.js";
import type { TypeBoxProvider } from "./validation.js";
import { filterOf, requireLane, windowChoice } from "./windows-routes.js";

/** A month of hours: each is compared with the reference by itself. */
const MOST_HOURS = 744;

const { lane, from, to } = windowChoice;
const driftChoice = {
  lane,
  from,
  to,
  model: Type.Optional(Type.String({ maxLength: 512, description: "A model version. Default: that of the latest hour." })),
};

interface DriftQuery {
  readonly lane?: string;
  readonly from?: string;
  readonly to?: string;
  readonly model?: string;
}

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
        querystring: Type.Object(driftChoice, { additionalProperties: false }),
        response: { 200: Type.Object({ drift: Type.Union([DriftReportSchema, Type.Null()]) }), ...problems(400, 404, 429, 503) },
      },
    },
    async ({ query }: { query: DriftQuery }) => {
      const filter = filterOf(query);
      const version = await features.latestVersion(filter, query.model);
      if (version === undefined) {
        await requireLane(windows, filter.lane);
        await requireModel(features, filter, query.model);
        return { drift: null };
      }
      return { drift: (await driftIn(features, version, filter)) ?? null };
    },
  );
}

/** Refuses a model version of which there is nothing. @throws ProblemError */
async function requireModel(features: FeatureWindowStore, filter: FeatureWindowFilter, asked: string | undefined): Promise<void> {
  if (asked === undefined) return;
  const models = await features.models({ ...filter, from: -Infinity, to: Infinity });
  if (models.includes(asked)) return;
  const known = models.length === 0 ? "There are none yet" : `They are ${models.map((each) => quote(each)).join(", ")}`;
  throw new ProblemError(404, `No hour of a model version ${quote(asked)} is kept with bins of its features. ${known}.`);
}

async function driftIn(
  features: FeatureWindowStore,
  version: FeatureVersion,
  filter: FeatureWindowFilter,
): Promise<DriftReport | undefined> {
  const reference = await features.reference(version);
  if (reference === undefined) return undefined;
  const hours: CountedHour[] = [];
  // What drift does not need is most of a window.
  for await (const { start, model, layout, predicted, columns } of features.hours(filter, version, MOST_HOURS))
    hours.push({ start, model, layout, predicted, columns });
  return driftReport(reference, hours);
}
