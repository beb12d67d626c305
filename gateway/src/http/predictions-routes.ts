import { EventTimeSchema, idRefusal, quote } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { idPrefix, madeId } from "../ingress/made-ids.js";
import { answerWithin, NotStoredError, storedWithin } from "../predictions/accepted.js";
import { predictionPath } from "../predictions/prediction-path.js";
import { pendingPrediction, withAnswer } from "../predictions/prediction.js";
import { IdTakenError, type Predictions } from "../predictions/predictions.js";
import { TooManyPendingError } from "../predictions/room.js";
import { cursorAt, positionAt } from "./cursor.js";
import { ProblemError, problems } from "./problem.js";
import { CursorSchema, FeaturesSchema, IdempotencyHeaders, IdParams, LimitSchema, NewIdSchema, TimeSchema } from "./schemas.js";
import type { TypeBoxApp, TypeBoxProvider } from "./validation.js";

export const MAX_WAIT_S = 60;
/** How long a 202, which promises that the request is stored, waits for the database if the row was sent first. */
const STORED_WITHIN_MS = 30_000;

const StatusSchema = Type.Union([Type.Literal("pending"), Type.Literal("succeeded"), Type.Literal("failed"), Type.Literal("expired")]);

const PredictionSchema = Type.Object(
  {
    id: Type.String(),
    status: StatusSchema,
    createdAt: Type.String({ format: "date-time" }),
    expiresAt: Type.String({ format: "date-time" }),
    features: FeaturesSchema,
    event_time: Type.Optional(Type.Integer({ description: "When the row happened, in ms since 1970, if the request said." })),
    y_pred: Type.Optional(Type.Number({ description: "The model's answer, in the target's unit." })),
    half_width: Type.Optional(
      Type.Number({
        description:
          "The interval announced with the prediction is y_pred ± half_width, to hold the label in the share of rows INTERVAL_COVERAGE (90 % by default); left out if the model had none yet.",
      }),
    ),
    y_pred_low: Type.Optional(Type.Number({ description: "Its lower end." })),
    y_pred_high: Type.Optional(Type.Number({ description: "Its upper end." })),
    model: Type.Optional(Type.String({ description: "The name and version of the model that answered." })),
    answeredAt: Type.Optional(Type.String({ format: "date-time" })),
    latencyMs: Type.Optional(Type.Number({ description: "From the request to the answer." })),
    y_true: Type.Optional(Type.Number({ description: "The label, if one came; as corrected, if it was." })),
    first_y_true: Type.Optional(Type.Number({ description: "The label before it was corrected, if it was." })),
    absolute_error: Type.Optional(Type.Number()),
    reason: Type.Optional(Type.String({ description: "Why it failed." })),
  },
  { description: "A prediction that was asked for." },
);

const AskSchema = Type.Object(
  {
    id: Type.Optional(NewIdSchema),
    features: FeaturesSchema,
    event_time: Type.Optional(EventTimeSchema),
    timeoutSeconds: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 86_400,
        default: 3_600,
        description: "After this time an answer is of no use: the prediction expires.",
      }),
    ),
  },
  {
    additionalProperties: false,
    examples: [{ id: "p1", features: { age: 59, sex: 2, bmi: 32.1, bp: 101, s1: 157, s2: 93.2, s3: 38, s4: 4, s5: 4.8598, s6: 87 } }],
  },
);

/** Routes that score rows on request and return predictions. */
export function predictionRoutes(instance: FastifyInstance, predictions: Predictions): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  askRoute(app, predictions);
  predictionRoute(app, predictions);
  listRoute(app, predictions);
}

function askRoute(app: TypeBoxApp, predictions: Predictions): void {
  app.post(
    "/predictions",
    {
      schema: {
        tags: ["predictions"],
        summary: "Asks for a prediction",
        description: "Answers at once with 202, or waits for the prediction and answers with 200.",
        querystring: Type.Object(
          {
            wait: Type.Optional(
              Type.Number({ minimum: 0, maximum: MAX_WAIT_S, default: 0, description: "How long to wait for the prediction, in seconds." }),
            ),
          },
          { additionalProperties: false },
        ),
        headers: IdempotencyHeaders,
        body: AskSchema,
        response: { 200: PredictionSchema, 202: PredictionSchema, ...problems(400, 401, 409, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { features, timeoutSeconds = 3_600, id: given } = request.body;
      const event_time = request.body.event_time ?? undefined;
      const id = given ?? madeId(idPrefix(request.headers["idempotency-key"], "predictions"), 0);
      requireId(id);
      const { wait = 0 } = request.query;
      const isNew = given === undefined && request.headers["idempotency-key"] === undefined;
      const order = wait > 0 ? "sent first" : "stored first";
      const [asked] = await predictions.ask([{ id, features, event_time, isNew }], timeoutSeconds * 1_000, order).catch(asProblem);
      if (asked === undefined) throw new Error("A row that was asked for is neither accepted nor refused.");
      const answer = await answerWithin(wait * 1_000, asked, predictions.waits);
      reply.header("location", predictionPath(id));
      // Answered from memory; the database stores it a little later.
      if (answer !== undefined) return reply.code(200).send(withAnswer(pendingPrediction(asked, features, Date.now()), answer));
      await storedWithin(STORED_WITHIN_MS, asked, predictions.waits).catch(asProblem);
      const prediction = (await predictions.get(id)) ?? pendingPrediction(asked, features, Date.now());
      return reply.code(prediction.status === "pending" ? 202 : 200).send(prediction);
    },
  );
}

function predictionRoute(app: TypeBoxApp, predictions: Predictions): void {
  app.get(
    "/predictions/:id",
    {
      schema: {
        tags: ["predictions"],
        summary: "A prediction",
        params: IdParams,
        response: { 200: PredictionSchema, ...problems(400, 404, 429, 503) },
      },
    },
    async (request) => predictionOf(predictions, request.params.id),
  );
  app.get(
    "/prediction",
    {
      schema: {
        tags: ["predictions"],
        summary: "A prediction, by any id",
        description: "As /predictions/{id}, also for the ids `.` and `..`, which clients take out of a path.",
        querystring: Type.Object(IdParams.properties, { additionalProperties: false }),
        response: { 200: PredictionSchema, ...problems(400, 404, 429, 503) },
      },
    },
    async (request) => predictionOf(predictions, request.query.id),
  );
}

/** @throws ProblemError */
async function predictionOf(predictions: Predictions, id: string) {
  const prediction = id.includes("\0") ? undefined : await predictions.get(id);
  if (prediction === undefined) throw new ProblemError(404, "No prediction with this id was asked for.");
  return prediction;
}

function listRoute(app: TypeBoxApp, predictions: Predictions): void {
  app.get(
    "/predictions",
    {
      schema: {
        tags: ["predictions"],
        summary: "Predictions, the latest first",
        querystring: Type.Object(
          {
            cursor: Type.Optional(CursorSchema),
            limit: Type.Optional(LimitSchema),
            status: Type.Optional(StatusSchema),
            model: Type.Optional(Type.String({ maxLength: 256 })),
            since: Type.Optional(TimeSchema),
            until: Type.Optional(TimeSchema),
            minError: Type.Optional(Type.Number({ minimum: 0, description: "Least absolute error." })),
            maxError: Type.Optional(Type.Number({ minimum: 0, description: "Largest absolute error." })),
            q: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: "A part of the id." })),
          },
          { additionalProperties: false },
        ),
        response: {
          200: Type.Object({
            items: Type.Array(PredictionSchema),
            next: Type.Optional(Type.String({ description: "The cursor of the next page." })),
          }),
          ...problems(400, 429, 503),
        },
      },
    },
    async (request) => {
      const { cursor, limit = 50, ...filter } = request.query;
      requireTime("since", filter.since);
      requireTime("until", filter.until);
      if ([filter.q, filter.model].some((text) => text?.includes("\0") === true)) return { items: [] };
      const items = await predictions.list(filter, cursor === undefined ? undefined : positionAt(cursor), limit + 1);
      const last = items[limit - 1];
      if (items.length <= limit || last === undefined) return { items };
      return { items: items.slice(0, limit), next: cursorAt({ createdAt: Date.parse(last.createdAt), id: last.id }) };
    },
  );
}

/** The schema allows leap seconds and years before 1; Date and the database do not. @throws ProblemError */
function requireTime(name: string, time: string | undefined): void {
  if (time !== undefined && !(Date.parse(time) >= EARLIEST))
    throw new ProblemError(400, `${name} is ${quote(time)}: it must be a time since the year 1, for example ?${name}=2026-11-28T00:00:00Z`);
}

const EARLIEST = Date.parse("0001-01-01T00:00:00Z");

/** Refuses ids that a database cannot hold as text. @throws ProblemError */
export function requireId(id: string): void {
  const refusal = idRefusal(id, 0);
  if (refusal !== undefined) throw new ProblemError(400, refusal.reason);
  if (id.includes("\0")) throw new ProblemError(400, "An id has no NUL characters.");
}

/** Throws a client's error as a problem. */
export function asProblem(error: unknown): never {
  if (error instanceof IdTakenError) throw new ProblemError(409, error.message);
  if (error instanceof NotStoredError) throw new ProblemError(503, error.message);
  if (error instanceof TooManyPendingError) throw new ProblemError(429, error.message);
  throw error;
}
