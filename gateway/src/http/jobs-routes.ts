import { Readable } from "node:stream";
import { mediaTypeOf } from "@streamgauge/core";
import type { FastifyInstance } from "fastify";
import Type from "typebox";
import type { Jobs } from "../jobs/jobs.js";
import { RESULT_FORMAT_NAMES, RESULT_FORMATS, resultsAs } from "../jobs/result-formats.js";
import type { JobRecord } from "../store/job-store.js";
import { cursorAt, positionAt } from "./cursor.js";
import { JobSchema, shown, StatusSchema } from "./job-schemas.js";
import { uploadRoute, type UploadOptions } from "./job-upload-route.js";
import { ProblemError, problems } from "./problem.js";
import { CursorSchema, IdParams, LimitSchema } from "./schemas.js";
import type { TypeBoxApp, TypeBoxProvider } from "./validation.js";

const tags = ["jobs"];

/** Routes of jobs: uploaded files that are scored through the pipeline. */
export function jobRoutes(instance: FastifyInstance, options: UploadOptions): void {
  const app = instance.withTypeProvider<TypeBoxProvider>();
  const { jobs } = options;
  uploadRoute(app, options);
  runRoute(app, jobs);
  listRoute(app, jobs);
  jobRoute(app, jobs);
  resultsRoute(app, jobs);
  removeRoute(app, jobs);
}

/** @throws ProblemError if there is no such job. */
async function jobOf(jobs: Jobs, id: string): Promise<JobRecord> {
  const job = id.includes("\0") ? undefined : await jobs.get(id);
  if (job === undefined) throw new ProblemError(404, "There is no such job.");
  return job;
}

function runRoute(app: TypeBoxApp, jobs: Jobs): void {
  app.post(
    "/jobs/:id/run",
    {
      schema: { tags, summary: "Starts a job", params: IdParams, response: { 202: JobSchema, ...problems(400, 401, 404, 409, 429, 503) } },
    },
    async (request, reply) => {
      const { id, status } = await jobOf(jobs, request.params.id);
      if (!(await jobs.run(id))) throw new ProblemError(409, `The job is ${status}: only one that is created can be started.`);
      return reply
        .code(202)
        .header("location", `/jobs/${id}`)
        .send(shown(await jobOf(jobs, id)));
    },
  );
}

function listRoute(app: TypeBoxApp, jobs: Jobs): void {
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
}

function jobRoute(app: TypeBoxApp, jobs: Jobs): void {
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
      const job = await jobOf(jobs, request.params.id);
      return { ...shown(job), statistics: await jobs.statistics(job) };
    },
  );
}

const FormatSchema = Type.Union(
  RESULT_FORMAT_NAMES.map((name) => Type.Literal(name)),
  { default: "csv" },
);

function resultsRoute(app: TypeBoxApp, jobs: Jobs): void {
  app.get(
    "/jobs/:id/results",
    {
      schema: {
        tags,
        summary: "The results of a job so far",
        params: IdParams,
        querystring: Type.Object({ format: Type.Optional(FormatSchema) }, { additionalProperties: false }),
        response: {
          200: {
            description: "A row each.",
            content: Object.fromEntries(
              RESULT_FORMAT_NAMES.map((name) => [mediaTypeOf(RESULT_FORMATS[name].contentType), { schema: Type.String() }]),
            ),
          },
          ...problems(400, 404, 429, 503),
        },
      },
    },
    async (request, reply) => {
      const { id } = await jobOf(jobs, request.params.id);
      const { format = "csv" } = request.query;
      return reply
        .header("content-type", RESULT_FORMATS[format].contentType)
        .header("content-disposition", `attachment; filename="${id}.${format}"`)
        .send(Readable.from(resultsAs(format, id, jobs.results(id)), { objectMode: false }));
    },
  );
}

function removeRoute(app: TypeBoxApp, jobs: Jobs): void {
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
      const { id } = await jobOf(jobs, request.params.id);
      if (await jobs.cancel(id)) return shown(await jobOf(jobs, id));
      await jobs.remove(id);
      return reply.code(204).send();
    },
  );
}
