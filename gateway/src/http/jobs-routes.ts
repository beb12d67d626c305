import { Readable } from "node:stream";
import { ARROW_TYPE, JSON_TYPE } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import { NoRowsError, type Jobs } from "../jobs/jobs.js";
import { uploadWarnings } from "../jobs/upload-warnings.js";
import { resultsAs } from "../jobs/result-text.js";
import type { JobRecord } from "../store/job-store.js";
import type { ServedModel } from "../served-model.js";
import { cursorAt, positionAt } from "./cursor.js";
import { CSV_TYPE, frameBodies, NDJSON_TYPE, takeRowBodies } from "./ingress-routes.js";
import { DEFAULT_TARGET, rowsIn } from "./job-rows.js";
import { count, JobRowsSchema, JobSchema, shown, StatusSchema, WarningsSchema } from "./job-schemas.js";
import { listed, ProblemError, problems, RefusalSchema } from "./problem.js";
import { CursorSchema, IdParams, LimitSchema } from "./schemas.js";
import { validatorCompilerButBody, type TypeBoxProvider } from "./validation.js";

export interface JobRoutesOptions {
  readonly jobs: Jobs;
  /** The current model; its features are empty if unknown. */
  readonly model: () => Pick<ServedModel, "features">;
  /** CSV columns that hold text, whatever they look like. */
  readonly textColumns: readonly string[];
}

/** Routes of jobs: uploaded files that are scored through the pipeline. */
export function jobRoutes(instance: FastifyInstance, { jobs, model, textColumns }: JobRoutesOptions): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  const tags = ["jobs"];
  takeRowBodies(app);

  app.post(
    "/jobs",
    {
      validatorCompiler: validatorCompilerButBody,
      schema: {
        tags,
        summary: "Creates a job from rows",
        description: "Rows may have a label each, as y_true or in the column `target` of a CSV file. They are stored; `run` sends them.",
        querystring: Type.Object(
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
          },
          { additionalProperties: false },
        ),
        body: {
          content: {
            [CSV_TYPE]: { schema: Type.String({ description: "With a header; the column id is optional. Any number of rows." }) },
            [NDJSON_TYPE]: { schema: Type.String({ description: "One row a line: id (optional), features, y_true (optional)." }) },
            [JSON_TYPE]: { schema: JobRowsSchema },
            ...frameBodies("The columns id, features, and y_true if there are labels."),
          },
        },
        response: {
          201: Type.Object({ ...JobSchema.properties, refused: count, refusals: Type.Array(RefusalSchema), warnings: WarningsSchema }),
          ...problems(400, 401, 413, 415, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { name = "", target: column = DEFAULT_TARGET } = request.query;
      const target = column.trim();
      if (name.includes("\0")) throw new ProblemError(400, "A name has no NUL characters.");
      try {
        const { given, ...rows } = rowsIn(request, target, textColumns);
        const { job, upload } = await jobs.create(given ?? name, rows);
        const { names, labels, refused } = upload;
        const warnings = uploadWarnings({ names, labels, isCsv: rows.asWritten === true }, model().features);
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

  const found = async (id: string): Promise<JobRecord> => {
    const job = id.includes("\0") ? undefined : await jobs.get(id);
    if (job === undefined) throw new ProblemError(404, "There is no such job.");
    return job;
  };

  app.post(
    "/jobs/:id/run",
    {
      schema: { tags, summary: "Starts a job", params: IdParams, response: { 202: JobSchema, ...problems(400, 401, 404, 409, 429, 503) } },
    },
    async (request, reply) => {
      const { id, status } = await found(request.params.id);
      if (!(await jobs.run(id))) throw new ProblemError(409, `The job is ${status}: only one that is created can be started.`);
      return reply
        .code(202)
        .header("location", `/jobs/${id}`)
        .send(shown(await found(id)));
    },
  );

  app.get(
    "/jobs",
    {
      schema: {
        tags,
        summary: "Jobs, the latest first",
        querystring: Type.Object(
          { cursor: Type.Optional(CursorSchema), limit: Type.Optional(LimitSchema), status: Type.Optional(StatusSchema) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ items: Type.Array(JobSchema), next: Type.Optional(Type.String()) }), ...problems(400, 429, 503) },
      },
    },
    async (request) => {
      const { cursor, limit = 50, status } = request.query;
      const jobsFound = await jobs.list(status, cursor === undefined ? undefined : positionAt(cursor), limit + 1);
      const items = jobsFound.slice(0, limit).map(shown);
      const last = jobsFound[limit - 1];
      return jobsFound.length > limit && last !== undefined
        ? { items, next: cursorAt({ createdAt: last.created_at.getTime(), id: last.id }) }
        : { items };
    },
  );

  app.get(
    "/jobs/:id",
    {
      schema: {
        tags,
        summary: "A job and the statistics of its errors",
        params: IdParams,
        response: { 200: JobSchema, ...problems(400, 404, 429, 503) },
      },
    },
    async (request) => {
      const job = await found(request.params.id);
      return { ...shown(job), statistics: await jobs.statistics(job) };
    },
  );

  app.get(
    "/jobs/:id/results",
    {
      schema: {
        tags,
        summary: "The results of a job so far",
        params: IdParams,
        querystring: Type.Object(
          { format: Type.Optional(Type.Union([Type.Literal("csv"), Type.Literal("ndjson"), Type.Literal("arrow")], { default: "csv" })) },
          { additionalProperties: false },
        ),
        response: {
          200: {
            description: "A row each.",
            content: Object.fromEntries([CSV_TYPE, NDJSON_TYPE, ARROW_TYPE].map((type) => [type, { schema: Type.String() }])),
          },
          ...problems(400, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = await found(request.params.id);
      const { format = "csv" } = request.query;
      const type = { csv: CSV_TYPE, ndjson: NDJSON_TYPE, arrow: ARROW_TYPE }[format];
      return reply
        .header("content-type", format === "csv" ? `${type}; charset=utf-8` : type)
        .header("content-disposition", `attachment; filename="${id}.${format}"`)
        .send(Readable.from(resultsAs(format, id, jobs.results(id)), { objectMode: false }));
    },
  );

  app.delete(
    "/jobs/:id",
    {
      schema: {
        tags,
        summary: "Cancels a job, or removes one that is over",
        params: IdParams,
        response: {
          200: JobSchema,
          204: { description: "It was over, and is gone with its results.", type: "null" },
          ...problems(400, 401, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = await found(request.params.id);
      if (await jobs.cancel(id)) return shown(await found(id));
      await jobs.remove(id);
      return reply.code(204).send();
    },
  );
}
