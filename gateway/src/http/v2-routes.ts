import { datatypeOf, describeRefusal } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import { idPrefix, madeId } from "../ingress/made-ids.js";
import { eventTimesOf, OUTPUT, readInferenceRequest } from "../predictions/inference-request.js";
import { answerWithin } from "../predictions/accepted.js";
import type { Predictions } from "../predictions/predictions.js";
import { intervalOf } from "../predictions/interval.js";
import { featuresOf } from "../predictions/row-features.js";
import { rowsOfTensors } from "../predictions/tensors.js";
import type { ServedModel } from "../served-model.js";
import { asProblem } from "./predictions-routes.js";
import { ProblemError } from "./problem.js";
import {
  ErrorSchema,
  InferResponseSchema,
  InferSchema,
  LiveSchema,
  ModelParams,
  ModelReadySchema,
  ModelSchema,
  ReadySchema,
  ServerSchema,
  VersionParams,
} from "./v2-schemas.js";
import { validatorCompilerButBody } from "./validation.js";

export interface V2Options {
  readonly predictions: Predictions;
  readonly lane: string;
  /** The current model; its fields are empty if unknown. */
  readonly model: () => ServedModel;
  /** `name@version` of the model that answered last; empty before that. */
  readonly lastModel: () => string;
  /** Whether rows can be scored now. */
  readonly ready: () => Promise<boolean>;
}

interface ModelPath {
  readonly name: string;
  readonly version?: string;
}

const TIMEOUT_MS = 30_000;
const tags = ["open inference protocol"];
const errors = { "4xx": ErrorSchema, 503: ErrorSchema };

/** The Open Inference Protocol, version 2, over HTTP. */
export function v2Routes(app: FastifyInstance, options: V2Options): void {
  serverRoutes(app, options);
  modelRoutes(app, "/v2/models/:name", ModelParams, options);
  modelRoutes(app, "/v2/models/:name/versions/:version", VersionParams, options);
}

function serverRoutes(app: FastifyInstance, options: V2Options): void {
  const server = { name: "streamgauge", version: "1", extensions: [] };
  app.get("/v2", { schema: { tags, summary: "What this server is", response: { 200: ServerSchema } } }, () => server);
  // The path in the protocol's OpenAPI document.
  app.get("/v2/", { schema: { hide: true } }, () => server);
  app.get("/v2/health/live", { schema: { tags, summary: "Whether it lives", response: { 200: LiveSchema } } }, () => ({ live: true }));
  app.get(
    "/v2/health/ready",
    { schema: { tags, summary: "Whether it can answer", response: { 200: ReadySchema, ...errors } } },
    async () => {
      await requireReady(options);
      // The protocol's text says "live" here; its servers say "ready".
      return { live: true, ready: true };
    },
  );
}

/** Routes of a model, with or without a version in the path. */
function modelRoutes(app: FastifyInstance, path: string, params: TSchema, options: V2Options): void {
  app.get<{ Params: ModelPath }>(
    `${path}/ready`,
    { schema: { tags, summary: "Whether a model can answer", params, response: { 200: ModelReadySchema, ...errors } } },
    async ({ params: asked }) => {
      requireModel(asked, options);
      await requireReady(options);
      return { name: asked.name, ready: true };
    },
  );
  app.get<{ Params: ModelPath }>(
    path,
    { schema: { tags, summary: "A model's inputs and outputs", params, response: { 200: ModelSchema, ...errors } } },
    ({ params: asked }) => {
      requireModel(asked, options);
      return description(asked.name, options);
    },
  );
  app.post<{ Params: ModelPath }>(
    `${path}/infer`,
    {
      validatorCompiler: validatorCompilerButBody,
      schema: { tags, summary: "Asks for predictions", params, body: InferSchema, response: { 200: InferResponseSchema, ...errors } },
    },
    ({ params: asked, body }) => {
      requireModel(asked, options);
      return infer(asked, body, options);
    },
  );
}

/** @throws ProblemError if there is no such model, or no such version of it. */
function requireModel({ name, version }: ModelPath, options: V2Options): void {
  const label = labelOf(options);
  if (name !== options.lane && name !== label)
    throw new ProblemError(404, `There is no model ${JSON.stringify(name)}: ask for ${options.lane}.`);
  const known = versionOf(label);
  if (version === undefined || version === known) return;
  const asked = `There is no version ${JSON.stringify(version)} of ${name}`;
  if (known === "") throw new ProblemError(404, `${asked}: none is known before it has answered. Ask for ${name} without a version.`);
  throw new ProblemError(404, `${asked}: ask for ${JSON.stringify(known)}, or for ${name} without a version.`);
}

async function requireReady({ ready }: V2Options): Promise<void> {
  if (!(await ready())) throw new ProblemError(503, "RabbitMQ or the database is away: try again later.");
}

function description(name: string, options: V2Options) {
  const { features, kinds } = options.model();
  const version = versionOf(labelOf(options));
  return {
    name,
    versions: version === "" ? [] : [version],
    platform: "onnx_onnxv1",
    inputs: features.map((feature, at) => ({ name: feature, datatype: datatypeOf(kinds[at] ?? "number"), shape: [-1] })),
    outputs: [{ name: OUTPUT, datatype: "FP64", shape: [-1] }],
  };
}

/** @throws ProblemError, InferenceRequestError */
async function infer({ name, version }: ModelPath, body: unknown, { predictions, model }: V2Options) {
  const request = readInferenceRequest(body);
  const served = model();
  const rows = rowsOfTensors(request.tensors, request.order ?? served.features, served);
  const asked = { id: idPrefix(undefined, "infer"), ...rows, eventTimes: eventTimesOf(request, rows.rows) };
  const {
    data: numbers,
    halfWidths,
    models,
  } = await (asked.rows === 1 ? answerToOne(asked, predictions) : answersTo(asked, predictions)).catch(asProblem);
  // Several if the model was replaced during the request.
  const versions = [...new Set(models.map(versionOf))].filter((known) => known !== "");
  if (version !== undefined && versions.some((known) => known !== version))
    throw new ProblemError(
      503,
      `The model was replaced meanwhile: version ${versions.join(", ")} answered, not ${version}. Ask for that one.`,
    );
  return {
    model_name: name,
    ...(versions.length === 0 ? {} : { model_version: versions.join(", ") }),
    id: request.id ?? asked.id,
    outputs: (request.outputs ?? [OUTPUT]).map((output) => {
      const data = output === OUTPUT ? numbers : numbers.map((value, row) => boundOf(value, halfWidths?.[row], output));
      return { name: output, datatype: "FP64", shape: [data.length], data };
    }),
  };
}

/** The answers to all rows of a request. */
interface Answers {
  readonly data: readonly number[];
  /** Half the widths of their intervals, NaN for a row without one; undefined if none has one. */
  readonly halfWidths: ArrayLike<number> | undefined;
  /** The models that answered. */
  readonly models: readonly string[];
}

type AskedRows = Parameters<Predictions["inferences"]["ask"]>[0];

/** A row that is alone shares messages and writes with those of other requests. */
async function answerToOne({ id: prefix, columns, eventTimes }: AskedRows, predictions: Predictions): Promise<Answers> {
  const row = { id: madeId(prefix, 0), features: featuresOf(columns, 0), event_time: eventTimes?.[0], isNew: true };
  const [asked] = await predictions.ask([row], TIMEOUT_MS, "sent first");
  const answer = asked === undefined ? undefined : await answerWithin(TIMEOUT_MS, asked, predictions.waits);
  if (answer === undefined) throw unanswered(predictions);
  if (answer.y_pred === undefined) throw refused(0, answer.id, answer.reason);
  return { data: [answer.y_pred], halfWidths: [answer.half_width ?? Number.NaN], models: [answer.model ?? ""] };
}

async function answersTo(asked: AskedRows, predictions: Predictions): Promise<Answers> {
  const inference = await predictions.inferences.ask(asked, TIMEOUT_MS);
  if ((await predictions.waits.within(TIMEOUT_MS, inference.answered.promise)) !== true) throw unanswered(predictions);
  const [row] = [...inference.reasons.keys()].toSorted((one, other) => one - other);
  if (row !== undefined) throw refused(row, madeId(asked.id, row), inference.reasons.get(row));
  return { data: Array.from(inference.y_pred), halfWidths: inference.halfWidths, models: inference.models };
}

function unanswered({ waits }: Predictions): ProblemError {
  if (waits.areEnded) return new ProblemError(503, "The gateway is ending: ask again.");
  return new ProblemError(503, `The model did not answer within ${TIMEOUT_MS / 1_000} s: try again.`);
}

/** @param row - its place in the request. */
function refused(row: number, id: string, reason = "the model refused it"): ProblemError {
  return new ProblemError(400, describeRefusal({ row, id, reason }));
}

/** An end of the interval of a prediction. @throws ProblemError if its model had none to announce. */
function boundOf(value: number, halfWidth = Number.NaN, output: "y_pred_low" | "y_pred_high"): number {
  const bound = intervalOf(value, halfWidth)[output];
  if (bound !== undefined) return bound;
  const why = Number.isNaN(halfWidth) ? "it has one after 100 labels" : "its end is beyond the largest number";
  throw new ProblemError(503, `There is no ${output}: the model has no interval for this row; ${why}. Ask for ${OUTPUT} alone.`);
}

/** `name@version` of the current model, or of the one that answered last; empty if both are unknown. */
function labelOf({ model, lastModel }: V2Options): string {
  const { label } = model();
  return label === "" ? lastModel() : label;
}

/** The version in `name@version`. */
function versionOf(label: string): string {
  return label.slice(label.lastIndexOf("@") + 1 || label.length);
}
