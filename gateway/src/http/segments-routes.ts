import {
  DriftHours,
  DriftOverTimeSchema,
  foundIn,
  noEarlierRows,
  quote,
  SegmentHours,
  SegmentsSchema,
  SPREAD_MS,
  type DriftOverTime,
  type SegmentsJson,
} from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { FeatureVersion, FeatureWindowFilter, FeatureWindowStore } from "../store/feature-window-store.js";
import type { WindowStore } from "../store/window-store.js";
import { chosenVersion, hourChoice, keptModels, type HourQuery } from "./hour-query.js";
import { ProblemError, problems } from "./problem.js";
import { SharedAnswers } from "./shared-answers.js";
import type { TypeBoxProvider } from "./validation.js";
import { filterOf, timeOf } from "./windows-routes.js";

const HOUR_MS = 3_600_000;
/** 90 days: more are not kept. */
const MOST_HOURS = 2_160;

const models = Type.Array(Type.String(), { description: "Model versions of the lane with such hours, the latest first." });

const segmentChoice = {
  ...hourChoice,
  earlier_from: Type.Optional(
    Type.Unsafe<string>({
      type: "string",
      maxLength: 40,
      description:
        "Hours to compare with: those that begin at this time or later. Without it, and without earlier_to, segments are compared with all other rows.",
    }),
  ),
  earlier_to: Type.Optional(
    Type.Unsafe<string>({ type: "string", maxLength: 40, description: "Hours to compare with begin before this time. Default: `from`." }),
  ),
};

interface SegmentQuery extends HourQuery {
  readonly earlier_from?: string;
  readonly earlier_to?: string;
}

/** Routes of hours by the bins of their features: what drifted, and where the error is. */
export function segmentRoutes(instance: FastifyInstance, features: FeatureWindowStore, windows: WindowStore): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  const hours = new ChosenHours(features, windows);
  app.get(
    "/segments",
    {
      schema: {
        tags: ["windows"],
        summary: "Where the error is: rows that share values of a feature, or of two",
        description: `By hours of event time, the latest ${MOST_HOURS} of the range; null if none has a row with a label, or if the model has no reference.`,
        querystring: Type.Object(segmentChoice, { additionalProperties: false }),
        response: { 200: Type.Object({ found: Type.Union([SegmentsSchema, Type.Null()]), models }), ...problems(400, 404, 429, 503) },
      },
    },
    async ({ query }) => ({ found: (await hours.segments(query)) ?? null, models: await hours.models(query) }),
  );
  app.get(
    "/drift/map",
    {
      schema: {
        tags: ["windows"],
        summary: "How far features and predictions have moved from the model's reference, as a map over time",
        description: `By hours of event time, the latest ${MOST_HOURS} of the range; null if there are none, or if the model has no reference.`,
        querystring: Type.Object(hourChoice, { additionalProperties: false }),
        response: { 200: Type.Object({ found: Type.Union([DriftOverTimeSchema, Type.Null()]), models }), ...problems(400, 404, 429, 503) },
      },
    },
    async ({ query }) => ({ found: (await hours.drift(query)) ?? null, models: await hours.models(query) }),
  );
}

/** The hours that queries choose. */
class ChosenHours {
  readonly #features: FeatureWindowStore;
  readonly #windows: WindowStore;
  /** Every open page asks for these once a minute, most of them for the same hours. */
  readonly #segments = new SharedAnswers<SegmentsJson | undefined>();
  readonly #drifts = new SharedAnswers<DriftOverTime | undefined>();

  constructor(features: FeatureWindowStore, windows: WindowStore) {
    this.#features = features;
    this.#windows = windows;
  }

  /** @throws ProblemError */
  segments(query: SegmentQuery): Promise<SegmentsJson | undefined> {
    return this.#segments.get(JSON.stringify(query), () => this.#segmentsOf(query));
  }

  async #segmentsOf(query: SegmentQuery): Promise<SegmentsJson | undefined> {
    const filter = filterOf(query);
    const earlierFilter = earlierOf(query, filter);
    const version = await chosenVersion(this.#features, this.#windows, filter, query.model);
    if (version === undefined) return undefined;
    const earlier = earlierFilter === undefined ? undefined : await this.#added(new SegmentHours(), earlierFilter, version);
    const hours = await this.#added(new SegmentHours(earlier), filter, version);
    const found = foundIn({ model: version.model, reference: version.reference, hours, earlier });
    if (earlier !== undefined && found?.earlier === null) throw await this.#noEarlierRows(filter, version);
    return found;
  }

  async #noEarlierRows({ lane, from }: FeatureWindowFilter, version: FeatureVersion): Promise<ProblemError> {
    const { first, last } = await this.#features.labelledHours({ lane, from: -Infinity, to: from }, version);
    const hours =
      first === null || last === null ? undefined : { start: new Date(first).toISOString(), end: new Date(last + HOUR_MS).toISOString() };
    return new ProblemError(404, noEarlierRows(version.model, hours));
  }

  /** @throws ProblemError */
  drift(query: HourQuery): Promise<DriftOverTime | undefined> {
    return this.#drifts.get(JSON.stringify(query), () => this.#driftOf(query));
  }

  async #driftOf(query: HourQuery): Promise<DriftOverTime | undefined> {
    const filter = filterOf(query);
    const version = await chosenVersion(this.#features, this.#windows, filter, query.model);
    if (version === undefined) return undefined;
    const withEarlier = { ...filter, from: filter.from - SPREAD_MS };
    return (await this.#added(new DriftHours(version.reference, filter.from), withEarlier, version)).found(version.model);
  }

  /** Model versions of the lane with hours that are kept, the latest first. */
  models(query: HourQuery): Promise<string[]> {
    return keptModels(this.#features, filterOf(query));
  }

  async #added<H extends SegmentHours | DriftHours>(hours: H, filter: FeatureWindowFilter, version: FeatureVersion): Promise<H> {
    for await (const window of this.#features.hours(filter, version, MOST_HOURS)) hours.add(window);
    return hours;
  }
}

/** @throws ProblemError */
function earlierOf({ earlier_from, earlier_to, from: given }: SegmentQuery, filter: FeatureWindowFilter): FeatureWindowFilter | undefined {
  if (earlier_from === undefined && earlier_to === undefined) return undefined;
  if (given === undefined)
    throw new ProblemError(400, "Earlier hours are those before from, which is not given: set from to where the range begins.");
  const bounds = { from: timeOf("earlier_from", earlier_from, -Infinity), to: timeOf("earlier_to", earlier_to, filter.from) };
  if (bounds.to > filter.from)
    throw new ProblemError(
      400,
      `from is ${quote(given)} and earlier_to is ${quote(earlier_to)}: the earlier hours must end at from or before it.`,
    );
  if (bounds.from >= bounds.to)
    throw new ProblemError(
      400,
      `earlier_from is ${quote(earlier_from)}: it must be before ${earlier_to === undefined ? "from" : "earlier_to"}.`,
    );
  return { lane: filter.lane, ...bounds };
}
