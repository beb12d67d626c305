import { DATATYPES } from "@streamgauge/core";
import Type, { type TSchema } from "typebox";
import { MAX_FEATURES } from "../ingress/row-table.js";
import { MAX_NAME, MAX_REQUEST_ID } from "../predictions/inference-request.js";

export const ErrorSchema = Type.Object({ error: Type.String({ description: "What is wrong, and what to do." }) });

const Name = Type.String({ minLength: 1, maxLength: 256 });
export const ModelParams = Type.Object({ name: Name });
export const VersionParams = Type.Object({ name: Name, version: Name });

export const ServerSchema = Type.Object({ name: Type.String(), version: Type.String(), extensions: Type.Array(Type.String()) });
export const LiveSchema = Type.Object({ live: Type.Boolean() });
export const ReadySchema = Type.Object({ live: Type.Boolean(), ready: Type.Boolean() });
export const ModelReadySchema = Type.Object({ name: Type.String(), ready: Type.Boolean() });

const DescribedTensor = Type.Object({ name: Type.String(), datatype: Type.String(), shape: Type.Array(Type.Integer()) });

export const ModelSchema = Type.Object({
  name: Type.String(),
  versions: Type.Array(Type.String(), { description: "Those that can be asked for; empty until the model's version is known." }),
  platform: Type.String(),
  inputs: Type.Array(DescribedTensor, { description: "Empty if the features are not known." }),
  outputs: Type.Array(DescribedTensor),
});

/** The protocol's optional fields: null counts as absent. */
const optional = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const Parameters = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]));
const Element = Type.Union([Type.Number(), Type.String({ maxLength: 1_024 }), Type.Boolean()]);

/** Documents the body; `readInferenceRequest` validates it. */
export const InferSchema = Type.Object(
  {
    id: optional(Type.String({ maxLength: MAX_REQUEST_ID })),
    parameters: optional(Parameters),
    inputs: Type.Array(
      Type.Object({
        name: Type.String({ minLength: 1, maxLength: MAX_NAME }),
        shape: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 2 }),
        datatype: Type.String({ pattern: `^(${DATATYPES.join("|")})$` }),
        parameters: optional(Parameters),
        data: Type.Array(Type.Union([Element, Type.Array(Element)]), {
          minItems: 1,
          description: "Flat, row after row, or nested as the shape says.",
        }),
      }),
      {
        minItems: 1,
        maxItems: MAX_FEATURES,
        description: "One tensor per feature, of shape [n] or [n, 1], or one of shape [n, features].",
      },
    ),
    outputs: optional(
      Type.Array(
        Type.Object({
          name: Type.String({ description: "y_pred, y_pred_low or y_pred_high; default: y_pred" }),
          parameters: optional(Parameters),
        }),
      ),
    ),
  },
  {
    description: "An inference request of the Open Inference Protocol.",
    examples: [{ inputs: [{ name: "age", shape: [1], datatype: "FP64", data: [59] }] }],
  },
);

export const InferResponseSchema = Type.Object({
  model_name: Type.String(),
  model_version: Type.Optional(Type.String()),
  id: Type.String(),
  outputs: Type.Array(
    Type.Object({ name: Type.String(), datatype: Type.String(), shape: Type.Array(Type.Integer()), data: Type.Array(Type.Number()) }),
  ),
});
