import { datatypeOf, describeRefusal } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import type { TSchema } from "typebox";
import { idPrefix, madeId } from "../ingress/made-ids.js";
import { eventTimesOf, OUTPUT, readInferenceRequest } from "../predictions/inference-request.js";
import { answerWithin, type Asked } from "../predictions/accepted.js";
import type { Predictions } from "../predictions/predictions.js";
import { rowsOfTensors } from "../predictions/tensors.js";
import type { ServedModel } from "../served-model.js";
import type { Answer } from "../predictions/prediction.js";
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
function requireModel({ name, version }: ModelPath, { lane, model, predictions }: V2Options): void {
  if (name !== lane && name !== labelOf(model(), predictions))
    throw new ProblemError(404, `There is no model ${JSON.stringify(name)}: ask for ${lane}.`);
  const known = versionOf(labelOf(model(), predictions));
  if (version === undefined || version === known) return;
  const asked = `There is no version ${JSON.stringify(version)} of ${name}`;
  if (known === "") throw new ProblemError(404, `${asked}: none is known before it has answered. Ask for ${name} without a version.`);
  throw new ProblemError(404, `${asked}: ask for ${JSON.stringify(known)}, or for ${name} without a version.`);
}

async function requireReady({ ready }: V2Options): Promise<void> {
  if (!(await ready())) throw new ProblemError(503, "RabbitMQ or the database is away: try again later.");
}

function description(name: string, { model, predictions }: V2Options) {
  const { features, kinds } = model();
  const version = versionOf(labelOf(model(), predictions));
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
  const { id, order, tensors } = request;
  const served = model();
  const rows = rowsOfTensors(tensors, order ?? served.features, served);
  const times = eventTimesOf(request, rows.length);
  const prefix = idPrefix(undefined, "infer");
  const asked = rows.map((features, i) => ({ id: madeId(prefix, i), features, event_time: times[i], isNew: true }));
  const answers = await answersTo(asked, predictions);
  const data = answers.map(numberIn);
  // Several if the model was replaced during the request.
  const versions = [...new Set(answers.map((answer) => versionOf(answer.model ?? "")))].filter((known) => known !== "");
  if (version !== undefined && versions.some((known) => known !== version))
    throw new ProblemError(
      503,
      `The model was replaced meanwhile: version ${versions.join(", ")} answered, not ${version}. Ask for that one.`,
    );
  return {
    model_name: name,
    ...(versions.length === 0 ? {} : { model_version: versions.join(", ") }),
    id: id ?? prefix,
    outputs: [{ name: OUTPUT, datatype: "FP64", shape: [data.length], data }],
  };
}

async function answersTo(asked: readonly Asked[], predictions: Predictions): Promise<Answer[]> {
  const accepted = await predictions.ask(asked, TIMEOUT_MS, "sent first").catch(asProblem);
  const answers = await Promise.all(accepted.map((row) => answerWithin(TIMEOUT_MS, row)));
  return answers.map((answer) => {
    if (answer === undefined) throw new ProblemError(503, `The model did not answer within ${TIMEOUT_MS / 1_000} s: try again.`);
    return answer;
  });
}

/** @param row - its place in the request. @throws ProblemError if the model refused the row. */
function numberIn({ id, y_pred: value, reason = "the model refused it" }: Answer, row: number): number {
  if (value === undefined) throw new ProblemError(400, describeRefusal({ row, id, reason }));
  return value;
}

/** `name@version` of the current model, or of the one that answered last; empty if both are unknown. */
function labelOf({ label }: ServedModel, { model }: Predictions): string {
  return label === "" ? model : label;
}

/** The version in `name@version`. */
function versionOf(label: string): string {
  return label.slice(label.lastIndexOf("@") + 1 || label.length);
}
