import { CHAMPION, quote } from "@streamgauge/core";
import { WINDOW_SIZE_NAMES, WindowJsonSchema } from "@streamgauge/core/windows";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { WindowStore } from "../store/window-store.js";
import { ProblemError, problems } from "./problem.js";
import type { TypeBoxProvider } from "./validation.js";

/** Windows in one answer: three months of hours, or a day of minutes, and more. */
const MOST = 5_000;

const TimeSchema = Type.String({ maxLength: 40, examples: ["2026-11-28T00:00:00Z", "1795824000000"] });

/** Routes of windows of event time. */
export function windowRoutes(instance: FastifyInstance, windows: WindowStore): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  app.get(
    "/windows",
    {
      schema: {
        tags: ["windows"],
        summary: "How wrong the predictions are, by window of event time",
        description: `Ascending; the latest ${MOST} of the range. A late label restates its window, whose revision grows.`,
        querystring: Type.Object(
          {
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
                description: "Windows that begin at this time or later: RFC 3339, or ms since 1970.",
              }),
            ),
            to: Type.Optional(Type.Unsafe<string>({ ...TimeSchema, description: "Windows that begin before this time." })),
          },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ windows: Type.Array(WindowJsonSchema) }), ...problems(400, 429, 503) },
      },
    },
    async (request) => {
      const { lane = CHAMPION, size = "1h", from, to } = request.query;
      if (lane.includes("\0")) return { windows: [] };
      const now = Date.now();
      return {
        windows: await windows.list({ lane, size, from: timeOf("from", from, -Infinity), to: timeOf("to", to, Infinity) }, MOST, now),
      };
    },
  );
}

/** ms since 1970. @throws ProblemError */
function timeOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const time = /^-?\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(time)) return time;
  throw new ProblemError(400, `${name} is ${quote(text)}: it must be a time, for example ?${name}=2026-11-28T00:00:00Z, or ms since 1970`);
}
