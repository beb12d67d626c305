import { CODECS, featuresContract, JSON_TYPE, labelContract, mediaTypeOf } from "@streamgauge/core";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Readable } from "node:stream";
import Type, { type TSchema } from "typebox";
import { newReceipt, refusedAll, sendLabels, sendRows, type IngressBody, type Receipt } from "../ingress/ingress.js";
import type { Publisher } from "../ingress/publisher.js";
import { listed, ProblemError, problems, RefusalSchema } from "./problem.js";
import type { ServedModel } from "../served-model.js";
import { correctionOf, correctionParameters, type CorrectionQuery } from "./correction-query.js";
import { recordColumns, type CsvColumns, type TimeColumnQuery } from "./csv-columns.js";
import { IdempotencyHeaders, NewIdSchema, RowSchema, timeColumnParameters } from "./schemas.js";
import { validatorCompilerButBody } from "./validation.js";

export const NDJSON_TYPE = "application/x-ndjson";
export const CSV_TYPE = "text/csv";

/** The largest body that is read as a whole, in bytes. */
export const BODY_LIMIT = 8 * 1024 * 1024;

const ReceiptSchema = Type.Object({
  accepted: Type.Integer({ minimum: 0, description: "Rows that RabbitMQ has confirmed." }),
  ids: Type.Array(Type.String(), { description: "Their ids, in order; only the first 10,000." }),
  refused: Type.Integer({ minimum: 0 }),
  refusals: Type.Array(RefusalSchema, { description: "Why rows were refused; only the first 1,000." }),
});

const LabelSchema = Type.Object({ id: NewIdSchema, y_true: Type.Number() }, { additionalProperties: false });

/** Content types of frames other than JSON. */
const FRAME_TYPES = CODECS.map(({ contentType }): string => contentType).filter((type) => type !== JSON_TYPE);

/** Accepts bodies of rows in every form: whole, or as a stream. */
export function takeRowBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([JSON_TYPE, ...FRAME_TYPES], { parseAs: "buffer", bodyLimit: BODY_LIMIT }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser([NDJSON_TYPE, CSV_TYPE], (_request, payload, done) => done(null, payload));
}

/** The bodies that are a frame in a format other than JSON, for OpenAPI. */
export function frameBodies(description?: string) {
  const schemaOf = (type: string) => Type.String({ contentMediaType: type, ...(description === undefined ? {} : { description }) });
  return Object.fromEntries(FRAME_TYPES.map((type) => [type, { schema: schemaOf(type) }]));
}

export interface IngressOptions {
  readonly publisher: Publisher;
  readonly csv: CsvColumns;
  /** The current model; its features are empty if unknown. */
  readonly model: () => Pick<ServedModel, "features">;
}

type IngressQuery = TimeColumnQuery & CorrectionQuery;

/** Routes that send rows and labels into the pipeline. */
export function ingressRoutes(app: FastifyInstance, { publisher, csv, model }: IngressOptions): void {
  takeRowBodies(app);
  const route = (
    url: string,
    summary: string,
    body: TSchema,
    example: string,
    parameters: Readonly<Record<string, TSchema>>,
    send: (body: IngressBody, receipt: Receipt, key: string | undefined, query: IngressQuery) => Promise<void>,
  ) =>
    app.post<{ Headers: { "idempotency-key"?: string }; Querystring: IngressQuery }>(
      url,
      {
        validatorCompiler: validatorCompilerButBody,
        schema: {
          tags: ["ingress"],
          summary,
          headers: IdempotencyHeaders,
          querystring: Type.Object(parameters, { additionalProperties: false }),
          body: {
            content: {
              [JSON_TYPE]: { schema: body },
              [NDJSON_TYPE]: { schema: Type.String({ description: "One row a line; any number of lines.", examples: [example] }) },
              [CSV_TYPE]: { schema: Type.String({ description: "With a header, separated by commas, in UTF-8." }) },
              ...frameBodies(),
            },
          },
          response: { 202: ReceiptSchema, ...problems(400, 401, 413, 415, 429, 503) },
        },
      },
      async (request, reply) => {
        const receipt = newReceipt();
        try {
          await send(bodyOf(request), receipt, request.headers["idempotency-key"], request.query);
        } catch (error) {
          // Discards the rest of the body: many clients read the response only after they have sent everything.
          request.raw.resume();
          reply.header("connection", "close");
          // A stream may fail after some of its rows were accepted.
          if (receipt.accepted === 0 || !(error instanceof Error)) throw error;
          throw new ProblemError(503, `${error.message} Rows before that were accepted.`, { accepted: receipt.accepted }, { cause: error });
        }
        if (refusedAll(receipt)) throw new ProblemError(400, "No row could be used.", { accepted: 0, refused: listed(receipt.refusals) });
        return reply.code(202).send(receipt);
      },
    );
  route(
    "/rows",
    "Sends rows to be scored",
    Type.Union([RowSchema, Type.Array(RowSchema, { minItems: 1 }), featuresContract.layout.schema]),
    ROW_EXAMPLE,
    timeColumnParameters,
    (body, receipt, key, query) => sendRows(publisher, body, receipt, { key, columns: recordColumns(csv, query, model().features) }),
  );
  route(
    "/labels",
    "Sends true values of rows, or corrects those that were sent before",
    Type.Union([LabelSchema, Type.Array(LabelSchema, { minItems: 1 }), labelContract.layout.schema]),
    LABEL_EXAMPLE,
    correctionParameters,
    (body, receipt, _, query) => sendLabels(publisher, body, receipt, correctionOf(query)),
  );
}

const ROW_EXAMPLE = '{"id":"a1","features":{"age":59,"sex":2,"bmi":32.1},"event_time":1760000000000}\n';
const LABEL_EXAMPLE = '{"id":"a1","y_true":151}\n';

/** The body of a request, by its content type. */
export function bodyOf({ headers, body }: FastifyRequest): IngressBody {
  const type = mediaTypeOf(headers["content-type"]) ?? JSON_TYPE;
  if (Buffer.isBuffer(body)) return type === JSON_TYPE ? { form: "json", bytes: body } : { form: "frame", bytes: body, contentType: type };
  if (body instanceof Readable) return { form: type === CSV_TYPE ? "csv" : "ndjson", stream: body.iterator({ destroyOnReturn: false }) };
  throw new ProblemError(400, "The request has no body.");
}
