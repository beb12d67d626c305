import { datatypeOf, type Logger } from "@streamgauge/core";
import type { FastifyError, FastifyInstance } from "fastify";
import Type, { type Static } from "typebox";
import { idPrefix, madeId } from "../ingress/made-ids.js";
import type { Features } from "../predictions/prediction.js";
import { answerWithin, type Predictions } from "../predictions/predictions.js";
import { rowsOfTensors, TensorError } from "../predictions/tensors.js";
import type { ServedModel } from "../served-model.js";
import { asProblem } from "./predictions-routes.js";
import { noteProblem, ProblemError } from "./problem.js";
import type { TypeBoxProvider } from "./validation.js";

const ErrorSchema = Type.Object({ error: Type.String() });
const errors = { "4xx": ErrorSchema, 503: ErrorSchema };
const Params = Type.Object({ name: Type.String({ minLength: 1, maxLength: 256 }) });
const Parameters = Type.Record(
  Type.String({ maxLength: 256 }),
  Type.Union([Type.String({ maxLength: 100_000 }), Type.Number(), Type.Boolean()]),
  {
    maxProperties: 64,
  },
);
const Value = Type.Union([Type.Number(), Type.String({ maxLength: 1_024 }), Type.Boolean()]);

const InferSchema = Type.Object(
  {
    id: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    parameters: Type.Optional(Parameters),
    inputs: Type.Array(
      Type.Object({
        name: Type.String({ minLength: 1, maxLength: 256 }),
        shape: Type.Array(Type.Integer({ minimum: 1, maximum: 1_000_000 }), { minItems: 1, maxItems: 2 }),
        datatype: Type.String({ pattern: "^(FP64|FP32|FP16|INT8|INT16|INT32|INT64|UINT8|UINT16|UINT32|UINT64|BOOL|BYTES)$" }),
        parameters: Type.Optional(Parameters),
        data: Type.Array(Type.Union([Value, Type.Array(Value)]), { minItems: 1 }),
      }),
      { minItems: 1, maxItems: 4_096, description: "One tensor per feature, of shape [n] or [n, 1], or one of shape [n, features]." },
    ),
    outputs: Type.Optional(
      Type.Array(Type.Object({ name: Type.String({ maxLength: 256 }), parameters: Type.Optional(Parameters) }), { maxItems: 16 }),
    ),
  },
  { description: "An inference request of the Open Inference Protocol." },
);

export interface V2Options {
  readonly predictions: Predictions;
  readonly lane: string;
  /** The model that scores now, as far as it is known. */
  readonly model: () => ServedModel;
  /** Whether rows can be scored now. */
  readonly ready: () => Promise<boolean>;
  readonly log: Logger;
}

const NAME = "streamgauge";
const TIMEOUT_MS = 30_000;

/** The Open Inference Protocol, version 2, over HTTP. */
export function v2Routes(instance: FastifyInstance, { predictions, lane, model, ready, log }: V2Options): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  const tags = ["open inference protocol"];
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const { status, detail } = noteProblem(error, request, reply, log);
    return reply.code(status).send({ error: detail });
  });
  /** @throws ProblemError where there is no such model. */
  const requireModel = (name: string) => {
    if (name !== lane && name !== predictions.model) throw new ProblemError(404, `There is no model of that name: ask for ${lane}.`);
  };
  const version = () => versionOf(predictions.model);

  app.get(
    "/v2",
    {
      schema: {
        tags,
        summary: "What this server is",
        response: { 200: Type.Object({ name: Type.String(), version: Type.String(), extensions: Type.Array(Type.String()) }) },
      },
    },
    () => ({
      name: NAME,
      version: "1",
      extensions: [],
    }),
  );
  app.get(
    "/v2/health/live",
    { schema: { tags, summary: "Whether it lives", response: { 200: Type.Object({ live: Type.Boolean() }) } } },
    () => ({ live: true }),
  );
  const readiness = { 200: Type.Object({ ready: Type.Boolean() }), ...errors };
  const requireReady = async () => {
    if (!(await ready())) throw new ProblemError(503, "RabbitMQ or the database is away.");
    return { ready: true };
  };
  app.get("/v2/health/ready", { schema: { tags, summary: "Whether it can answer", response: readiness } }, requireReady);
  app.get(
    "/v2/models/:name/ready",
    { schema: { tags, summary: "Whether a model can answer", params: Params, response: readiness } },
    async (request) => {
      requireModel(request.params.name);
      return { name: request.params.name, ...(await requireReady()) };
    },
  );
  const Tensor = Type.Object({ name: Type.String(), datatype: Type.String(), shape: Type.Array(Type.Integer()) });
  app.get(
    "/v2/models/:name",
    {
      schema: {
        tags,
        summary: "A model's inputs and outputs",
        params: Params,
        response: {
          200: Type.Object({
            name: Type.String(),
            versions: Type.Array(Type.String()),
            platform: Type.String(),
            inputs: Type.Array(Tensor),
            outputs: Type.Array(Tensor),
          }),
          ...errors,
        },
      },
    },
    (request) => {
      requireModel(request.params.name);
      return {
        name: request.params.name,
        versions: version() === "" ? [] : [version()],
        platform: "onnx_onnxv1",
        inputs: inputsOf(model()),
        outputs: [{ name: "y_pred", datatype: "FP64", shape: [-1] }],
      };
    },
  );
  app.post(
    "/v2/models/:name/infer",
    {
      schema: {
        tags,
        summary: "Asks for predictions",
        params: Params,
        body: InferSchema,
        response: {
          200: Type.Object({
            model_name: Type.String(),
            model_version: Type.String(),
            id: Type.String(),
            outputs: Type.Array(
              Type.Object({
                name: Type.String(),
                datatype: Type.String(),
                shape: Type.Array(Type.Integer()),
                data: Type.Array(Type.Number()),
              }),
            ),
          }),
          ...errors,
        },
      },
    },
    async (request) => {
      requireModel(request.params.name);
      const rows = rowsOf(request.body, model().features);
      const prefix = idPrefix(undefined, "infer");
      const asked = rows.map((row, i) => ({ id: madeId(prefix, i), features: row }));
      const accepted = await predictions.ask(asked, TIMEOUT_MS).catch(asProblem);
      const answers = await Promise.all(accepted.map((row) => answerWithin(TIMEOUT_MS, row)));
      const data: number[] = [];
      // More than one where the model was replaced meanwhile.
      const versions = new Set<string>();
      for (const answer of answers) {
        if (answer === undefined) throw new ProblemError(503, "The model did not answer in time.");
        if (answer.y_pred === undefined) throw new ProblemError(400, answer.reason ?? "The model refused the row.");
        data.push(answer.y_pred);
        versions.add(versionOf(answer.model ?? ""));
      }
      return {
        model_name: request.params.name,
        model_version: [...versions].join(", "),
        id: request.body.id ?? prefix,
        outputs: [{ name: "y_pred", datatype: "FP64", shape: [data.length], data }],
      };
    },
  );
}

function rowsOf({ inputs, parameters }: Static<typeof InferSchema>, features: readonly string[]): Features[] {
  const named = parameters?.["features"];
  try {
    return rowsOfTensors(inputs, typeof named === "string" ? named.split(",") : features);
  } catch (error) {
    if (error instanceof TensorError) throw new ProblemError(400, error.message);
    throw error;
  }
}

function inputsOf({ features, kinds }: ServedModel) {
  return features.map((name, at) => ({ name, datatype: datatypeOf(kinds[at] ?? "number"), shape: [-1] }));
}

/** Of `name@version`. */
function versionOf(model: string): string {
  return model.split("@")[1] ?? "";
}
