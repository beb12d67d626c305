import {
  MOST_SEGMENT_ROWS,
  quote,
  RowOrderSchema,
  noSegmentNamed,
  segmentNamed,
  segmentRowsJson,
  SegmentRowsSchema,
  type RowOrder,
  type SegmentRowsJson,
} from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { FeatureWindowStore } from "../store/feature-window-store.js";
import type { WindowStore } from "../store/window-store.js";
import type { SegmentRowsClient } from "../windows/segment-rows-client.js";
import { chosenVersion, hourChoice, type HourQuery } from "./hour-query.js";
import { ProblemError, problems } from "./problem.js";
import { SharedAnswers } from "./shared-answers.js";
import type { TypeBoxProvider } from "./validation.js";
import { filterOf } from "./windows-routes.js";

const LISTED = 10;

interface RowsQuery extends HourQuery {
  readonly segment: string;
  readonly order?: RowOrder;
  readonly limit?: number;
}

/** What the route answers from. */
export interface SegmentRowsSources {
  readonly features: FeatureWindowStore;
  readonly windows: WindowStore;
  readonly client: SegmentRowsClient;
}

/** Labelled rows of a segment, from the log that metrics keeps. */
export function segmentRowsRoute(instance: FastifyInstance, sources: SegmentRowsSources): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  const shared = new SharedAnswers<SegmentRowsJson | undefined>();
  app.get(
    "/segments/rows",
    {
      schema: {
        tags: ["windows"],
        summary: "Labelled rows of a segment: those with the largest errors, or the latest",
        description:
          "Metrics reads them from its log: it must run. By hours of event time; null if none has a row, or if the model has no reference.",
        querystring: Type.Object(
          {
            ...hourChoice,
            segment: Type.String({
              minLength: 1,
              maxLength: 2_048,
              description: "The name of a segment: its text in GET /segments, such as bmi 5 to 6.",
            }),
            order: Type.Optional(Type.Unsafe<RowOrder>({ ...RowOrderSchema, default: "worst" })),
            limit: Type.Optional(Type.Integer({ minimum: 1, maximum: MOST_SEGMENT_ROWS, default: LISTED })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ found: Type.Union([SegmentRowsSchema, Type.Null()]) }), ...problems(400, 404, 429, 503) },
      },
    },
    async ({ query }: { query: RowsQuery }) => ({
      found: (await shared.get(JSON.stringify(query), () => foundRows(sources, query))) ?? null,
    }),
  );
}

/** @throws ProblemError */
async function foundRows({ features, windows, client }: SegmentRowsSources, query: RowsQuery): Promise<SegmentRowsJson | undefined> {
  const { order = "worst", limit = LISTED } = query;
  const { lane, from, to } = filterOf(query);
  const version = await chosenVersion(features, windows, { lane, from, to }, query.model);
  if (version === undefined) return undefined;
  const { model, layout, reference } = version;
  const segment = segmentNamed(reference, query.segment);
  if (segment === undefined) throw new ProblemError(404, noSegmentNamed(reference, model, query.segment));
  const where = segment.codes.map(({ column, codes }) => ({ column, codes: [...codes] }));
  const { found, unanswered } = await client.ask({ lane, model, layout, where, from: bound(from), to: bound(to), order, limit });
  if (found.size === 0)
    throw new ProblemError(
      503,
      `The rows are not here: they are in the log of lane ${quote(lane)}, and no metrics of this lane answered. Start it, or ask again in a minute; ` +
        "where its log is, streamgauge segments --rows lists them without it.",
    );
  const json = segmentRowsJson({ segment, reference, model, order, limit }, found, unanswered);
  return { ...json, rows: await windows.linked(json.rows) };
}

/** JSON has no infinity. */
function bound(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
