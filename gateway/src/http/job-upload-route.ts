import { JSON_TYPE } from "@streamgauge/core";
import Type from "typebox";
import { NoRowsError, type Jobs } from "../jobs/jobs.js";
import { uploadWarnings } from "../jobs/upload-warnings.js";
import type { ServedModel } from "../served-model.js";
import { CSV_TYPE, frameBodies, NDJSON_TYPE, takeRowBodies } from "./ingress-routes.js";
import { DEFAULT_TARGET, rowsIn } from "./job-rows.js";
import { count, JobRowsSchema, JobSchema, shown, WarningsSchema } from "./job-schemas.js";
import { recordColumns, type CsvColumns } from "./csv-columns.js";
import { listed, ProblemError, problems, RefusalSchema } from "./problem.js";
import { timeColumnParameters } from "./schemas.js";
import { validatorCompilerButBody, type TypeBoxApp } from "./validation.js";

export interface UploadOptions {
  readonly jobs: Jobs;
  /** The current model; its features are empty if unknown. */
  readonly model: () => Pick<ServedModel, "features">;
  readonly csv: CsvColumns;
}

const QuerySchema = Type.Object(
  {
    name: Type.Optional(Type.String({ maxLength: 200 })),
    target: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        default: DEFAULT_TARGET,
        description: "The column of a CSV file that holds labels.",
      }),
    ),
    ...timeColumnParameters,
  },
  { additionalProperties: false },
);

const BODY = {
  content: {
    [CSV_TYPE]: { schema: Type.String({ description: "With a header; the column id is optional. Any number of rows." }) },
    [NDJSON_TYPE]: {
      schema: Type.String({ description: "One row a line: id (optional), features, event_time (optional), y_true (optional)." }),
    },
    [JSON_TYPE]: { schema: JobRowsSchema },
    ...frameBodies("The columns id, features, event_time if there are times, and y_true if there are labels."),
  },
};

const CreatedSchema = Type.Object({
  ...JobSchema.properties,
  refused: count,
  refusals: Type.Array(RefusalSchema),
  warnings: WarningsSchema,
});

/** The route that makes a job of an upload. */
export function uploadRoute(app: TypeBoxApp, { jobs, model, csv }: UploadOptions): void {
  takeRowBodies(app);
  app.post(
    "/jobs",
    {
      validatorCompiler: validatorCompilerButBody,
      schema: {
        tags: ["jobs"],
        summary: "Creates a job from rows",
        description: "Rows may have a label each, as y_true or in the column `target` of a CSV file. They are stored; `run` sends them.",
        querystring: QuerySchema,
        body: BODY,
        response: { 201: CreatedSchema, ...problems(400, 401, 413, 415, 429, 503) },
      },
    },
    async (request, reply) => {
      const { name = "", target: column = DEFAULT_TARGET, ...times } = request.query;
      const target = column.trim();
      if (name.includes("\0")) throw new ProblemError(400, "A name has no NUL characters.");
      try {
        const { given, ...rows } = rowsIn(request, target, recordColumns(csv, times, model().features));
        const { job, upload } = await jobs.create(given ?? name, rows);
        const { names, labels, refused } = upload;
        const warnings = uploadWarnings({ names, labels, isCsv: rows.csv !== undefined }, model().features);
        reply.header("location", `/jobs/${job.id}`);
        return await reply.code(201).send({ ...shown(job), refused: refused.count, refusals: refused.refusals, warnings });
      } catch (error) {
        request.raw.resume();
        reply.header("connection", "close");
        if (error instanceof NoRowsError) throw new ProblemError(400, error.message, { refused: listed(error.upload.refused.refusals) });
        throw error;
      }
    },
  );
}
