import { CHAMPION, quote } from "@streamgauge/core";
import {
  readTimeBound,
  reversedRange,
  WINDOW_SIZE_NAMES,
  WindowJsonSchema,
  WindowSummarySchema,
  type WindowSize,
} from "@streamgauge/core/windows";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { MOST_WINDOWS } from "../live/live-feed.js";
import type { WindowFilter, WindowStore } from "../store/window-store.js";
import { ProblemError, problems } from "./problem.js";
import type { TypeBoxApp, TypeBoxProvider } from "./validation.js";

const TimeSchema = Type.String({ maxLength: 40, examples: ["2026-11-28T00:00:00Z", "1795824000000"] });

/** Query parameters that choose windows. */
export const windowChoice = {
  lane: Type.Optional(Type.String({ minLength: 1, maxLength: 128, default: CHAMPION })),
  size: Type.Optional(
    Type.Union(
      WINDOW_SIZE_NAMES.map((name) => Type.Literal(name)),
      { default: "1h" },
    ),
  ),
  from: Type.Optional(
    Type.Unsafe<string>({
      ...TimeSchema,
      description: "Windows that begin at this time or later: RFC 3339, also with a space for the T, or ms since 1970.",
    }),
  ),
  to: Type.Optional(Type.Unsafe<string>({ ...TimeSchema, description: "Windows that begin before this time." })),
};

/** The values of `windowChoice`. */
export interface WindowQuery {
  readonly lane?: string;
  readonly size?: WindowSize;
  readonly from?: string;
  readonly to?: string;
}

/** Routes of windows of event time. */
export function windowRoutes(instance: FastifyInstance, windows: WindowStore): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  listRoute(app, windows);
  summaryRoute(app, windows);
}

function listRoute(app: TypeBoxApp, windows: WindowStore): void {
  app.get(
    "/windows",
    {
      schema: {
        tags: ["windows"],
        summary: "How wrong the predictions are, by window of event time",
        description: `Ascending; the latest ${MOST_WINDOWS} of the range. A late label restates its window, whose revision grows.`,
        querystring: Type.Object(windowChoice, { additionalProperties: false }),
        response: { 200: Type.Object({ windows: Type.Array(WindowJsonSchema) }), ...problems(400, 404, 429, 503) },
      },
    },
    async ({ query }) => {
      const filter = filterOf(query);
      const listed = await windows.list(filter, MOST_WINDOWS, Date.now());
      if (listed.length === 0) await requireLane(windows, filter.lane);
      return { windows: listed };
    },
  );
}

function summaryRoute(app: TypeBoxApp, windows: WindowStore): void {
  app.get(
    "/windows/summary",
    {
      schema: {
        tags: ["windows"],
        summary: "The windows of a range as one, with the distribution of their errors",
        description: `Of the latest ${MOST_WINDOWS} windows of the range; null if there are none.`,
        querystring: Type.Object(windowChoice, { additionalProperties: false }),
        response: { 200: Type.Object({ summary: Type.Union([WindowSummarySchema, Type.Null()]) }), ...problems(400, 404, 429, 503) },
      },
    },
    async ({ query }) => {
      const filter = filterOf(query);
      const summary = (await windows.summary(filter, MOST_WINDOWS)) ?? null;
      if (summary === null) await requireLane(windows, filter.lane);
      return { summary };
    },
  );
}

/** Refuses a lane of which there is nothing. The champion is there before its first row. @throws ProblemError */
export async function requireLane(windows: WindowStore, lane: string): Promise<void> {
  if (lane === CHAMPION || (await windows.hasLane(lane))) return;
  const lanes = [...new Set([CHAMPION, ...(await windows.lanes())])].map((each) => quote(each)).join(", ");
  throw new ProblemError(404, `No row of a lane ${quote(lane)} has come: check its name. Lanes are ${lanes}.`);
}

/** Which windows a query asks for. @throws ProblemError */
export function filterOf({ lane = CHAMPION, size = "1h", from, to }: WindowQuery): WindowFilter {
  // No lane has such a name, and PostgreSQL stores no such text.
  const name = lane.includes("\0") ? "" : lane;
  const times = { from: timeOf("from", from, -Infinity), to: timeOf("to", to, Infinity) };
  if (times.from >= times.to) throw new ProblemError(400, reversedRange(quote(from), quote(to)));
  return { lane: name, size, ...times };
}

/** ms since 1970. @throws ProblemError */
export function timeOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const time = readTimeBound(text);
  if (time !== undefined) return time;
  throw new ProblemError(400, `${name} is ${quote(text)}: it must be a time, for example ?${name}=2026-11-28T00:00:00Z, or ms since 1970`);
}
