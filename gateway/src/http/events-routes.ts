import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { MOST_WINDOWS, type LiveFeed } from "../live/live-feed.js";
import type { Choice } from "../live/live-choice.js";
import {
  ComparisonEventSchema,
  DeadLettersEventSchema,
  HeadlineEventSchema,
  HealthEventSchema,
  RowsEventSchema,
  SummaryEventSchema,
  WindowsEventSchema,
} from "@streamgauge/core/windows";
import { problems } from "./problem.js";
import type { TypeBoxProvider } from "./validation.js";
import { filterOf, windowChoice, type WindowQuery } from "./windows-routes.js";

/** How many windows are watched unless it is said. */
const LAST = 120;

/** How long the end of the gateway waits for clients to take the end of their events, in ms. */
const PATIENCE_MS = 1_000;

/** Nginx would hold events back. A connection kept alive would hold up the end of the gateway for as long as its keep-alive lasts. */
const EVENT_HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  connection: "close",
  "x-accel-buffering": "no",
};

const named = (event: string, data: object) => Type.Object({ event: Type.Literal(event), data: Type.Unsafe(data) });

/** The stream of events behind the live page. */
export function eventRoutes(instance: FastifyInstance, feed: LiveFeed): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  const answers = new Set<ServerResponse>();
  // Answers that never end would hold up the end of the gateway, and so would a client that does not read on.
  app.addHook("preClose", async () => {
    feed.end();
    await Promise.race([Promise.all(Array.from(answers, closed)), delay(PATIENCE_MS, undefined, { ref: false })]);
    for (const answer of answers) answer.destroy();
  });
  app.get(
    "/events",
    {
      // Its answer would have no end either.
      exposeHeadRoute: false,
      schema: {
        tags: ["windows"],
        summary: "How wrong the predictions are, as it changes",
        description:
          "Server-sent events, each with an id and JSON as its data. First comes everything as it is now, then what changes. " +
          "An event beat, without an id and with {} as its data, comes every 15 s: a connection on which nothing comes is dead. " +
          "With the id of the last event as Last-Event-ID, which browsers send by themselves, a client that comes back gets what it missed, " +
          "or everything anew.",
        querystring: Type.Object(
          {
            ...windowChoice,
            last: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: MOST_WINDOWS,
                description:
                  `The windows up to the latest one, over so many times their length. Default: ${LAST}, unless there is a from. ` +
                  "Without a to, windows that begin more than a day from now are passed over unless there are no others.",
              }),
            ),
          },
          { additionalProperties: false },
        ),
        headers: Type.Object({ "last-event-id": Type.Optional(Type.String({ maxLength: 200 })) }),
        response: {
          200: {
            description: "Events; a beat only keeps the connection alive.",
            content: {
              "text/event-stream": {
                schema: Type.Union([
                  named("windows", WindowsEventSchema),
                  named("summary", SummaryEventSchema),
                  named("headline", HeadlineEventSchema),
                  named("rows", RowsEventSchema),
                  named("health", HealthEventSchema),
                  named("dead_letters", DeadLettersEventSchema),
                  named("comparison", ComparisonEventSchema),
                  named("beat", Type.Object({})),
                ]),
              },
            },
          },
          ...problems(400, 429, 503),
        },
      },
    },
    (request, reply) => {
      feed.watch(choiceOf(request.query), request.headers["last-event-id"], () => {
        const { raw } = reply.hijack();
        answers.add(raw);
        raw.once("close", () => answers.delete(raw));
        // An event is written as it is, without a frame around it: with many viewers that takes less than half of the time.
        raw.removeHeader("transfer-encoding");
        for (const [name, value] of Object.entries({ ...reply.getHeaders(), ...EVENT_HEADERS }))
          if (value !== undefined) raw.setHeader(name, value);
        return raw;
      });
      return reply;
    },
  );
}

async function closed(answer: ServerResponse): Promise<void> {
  if (!answer.closed) await once(answer, "close");
}

/** @throws ProblemError */
function choiceOf({ last, ...query }: WindowQuery & { readonly last?: number }): Choice {
  return { ...filterOf(query), last: last ?? (query.from === undefined ? LAST : undefined) };
}
