import {
  CsvRefusedError,
  describeFault,
  FrameRefusedError,
  describeRefusal,
  JSON_TYPE,
  MessageTooLargeError,
  type CsvFault,
  type Logger,
  type Refusal,
} from "@streamgauge/core";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { STATUS_CODES } from "node:http";
import Type, { type Static } from "typebox";
import { TooManyRowsError } from "../ingress/ingress.js";
import { LineTooLongError } from "../ingress/lines.js";
import { BrokerAwayError, UnconfirmedError } from "../ingress/publisher.js";
import { KEEP_LINE_BREAKS } from "../ingress/raw-items.js";
import { isRecord } from "../ingress/row-table.js";
import { TooManyViewersError } from "../live/live-feed.js";
import { DatabaseAwayError } from "../store/database-away.js";

export const RefusalSchema = Type.Object({
  row: Type.Optional(Type.Integer({ minimum: 0, description: "The row's place in the request, from 0." })),
  id: Type.Optional(Type.String()),
  field: Type.Optional(Type.String()),
  reason: Type.String(),
});

/** The format of every error; RFC 9457. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: "Always about:blank: the status says what kind of problem it is." }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: "What is wrong, and what to do." }),
    accepted: Type.Optional(Type.Integer({ minimum: 0, description: "Rows that were accepted before." })),
    refused: Type.Optional(Type.Array(RefusalSchema)),
  },
  { description: "A problem; RFC 9457." },
);

export type Problem = Static<typeof ProblemSchema>;

/** Seconds after which a client should retry. */
const RETRY_AFTER_S = 2;

/** An error that a handler throws to answer with a problem. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly statusCode: number;
  readonly more: Pick<Problem, "accepted" | "refused">;

  constructor(statusCode: number, detail: string, more: Pick<Problem, "accepted" | "refused"> = {}, options?: ErrorOptions) {
    super(detail, options);
    this.statusCode = statusCode;
    this.more = more;
  }
}

/** Response schemas of a route's problems, for its documentation. */
export function problems<const S extends number>(...statuses: readonly S[]): Record<S, object> {
  const entries = statuses.map((status) => [
    status,
    { description: STATUS_CODES[status] ?? "", content: { "application/problem+json": { schema: ProblemSchema } } },
  ]);
  return Object.fromEntries(entries);
}

/** Answers every error as a problem, without internal details. Logs the gateway's own errors. */
export function answerProblems(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply, log));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new ProblemError(404, `There is nothing at ${request.method} ${request.url.slice(0, 200)}: see /docs.`),
      request,
      reply,
      log,
    ),
  );
}

/** The problem for an error. Logs the gateway's own errors, and sets Retry-After for temporary ones. */
export function noteProblem(error: Error, request: FastifyRequest, reply: FastifyReply, log: Logger): Omit<Problem, "type" | "title"> {
  const problem = statusAndDetail(error);
  if (problem.status === 500) log.error(error, `${request.method} ${request.routeOptions.url ?? ""} failed.`);
  if (problem.status === 503 || problem.status === 429) reply.header("retry-after", RETRY_AFTER_S);
  return problem;
}

export function sendProblem(error: Error, request: FastifyRequest, reply: FastifyReply, log: Logger): FastifyReply {
  const { status, detail: said, ...more } = noteProblem(error, request, reply, log);
  const detail = explained(error, said, request);
  if (isInference(request)) return reply.code(status).header("content-type", JSON_TYPE).serializer(JSON.stringify).send({ error: detail });
  const problem: Problem = { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status, detail, ...more };
  return reply.code(status).header("content-type", "application/problem+json").serializer(JSON.stringify).send(problem);
}

/** The detail of an error, with what the route accepts. */
function explained(error: Error, said: string, request: FastifyRequest): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return `${said}: ${typesToSend(request)}`;
  if (code !== "FST_ERR_CTP_BODY_TOO_LARGE") return said;
  return `The body has more than ${request.routeOptions.bodyLimit / 2 ** 20} MiB: send it in parts.`;
}

/** The Open Inference Protocol has its own error format. */
function isInference({ url }: FastifyRequest): boolean {
  return /^\/v2(?:[/?]|$)/.test(url);
}

/** Names the content types that the route accepts. */
function typesToSend({ routeOptions: { schema } }: FastifyRequest): string {
  const { body } = schema ?? {};
  const content = isRecord(body) && isRecord(body["content"]) ? body["content"] : { [JSON_TYPE]: { schema: body } };
  const types = `send ${Object.keys(content).join(", ")}, and say which in the header Content-Type.`;
  const examples = isRecord(body) ? body["examples"] : undefined;
  return Array.isArray(examples) ? `${types} A body is such as ${JSON.stringify(examples[0])}` : types;
}

/** The status and the detail of an error. */
export function statusAndDetail(error: Error): Omit<Problem, "type" | "title"> {
  if (error instanceof ProblemError) return { status: error.statusCode, detail: error.message, ...error.more };
  if (error instanceof FrameRefusedError) return { status: 400, detail: describeRefusal(error.refusal) };
  if (error instanceof TooManyRowsError || error instanceof LineTooLongError || error instanceof MessageTooLargeError)
    return { status: 413, detail: error.message };
  if (error instanceof CsvRefusedError) return { status: 400, detail: csvDetail(error.fault) };
  if (error instanceof BrokerAwayError || error instanceof DatabaseAwayError) {
    return { status: 503, detail: `${error.message} Nothing was accepted; try again.` };
  }
  if (error instanceof TooManyViewersError) return { status: 503, detail: error.message };
  if (error instanceof UnconfirmedError) {
    return { status: 503, detail: `${error.message} To send them again is safe with the same ids, or the same Idempotency-Key.` };
  }
  // The client is gone, and the gateway is not at fault: this must not become a logged 500.
  if ("code" in error && error.code === "ECONNRESET") return { status: 400, detail: "The client went away before its request was whole." };
  const status = "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
  if (status >= 400 && status < 500) return { status, detail: error.message };
  if (status === 503) return { status, detail: "The gateway is ending." };
  return { status: 500, detail: "Something went wrong here; the gateway's log says what." };
}

/** The detail for a CSV body that cannot be read. */
function csvDetail(fault: CsvFault): string {
  const said = describeFault("The CSV body", fault);
  return fault.code === "no-rows" || fault.code === "empty" ? `${said.slice(0, -1)} (${KEEP_LINE_BREAKS}).` : said;
}

/** The first refusals of a request: a problem lists at most 100. */
export function listed(refusals: readonly Refusal[]): Refusal[] {
  return refusals.slice(0, 100);
}
