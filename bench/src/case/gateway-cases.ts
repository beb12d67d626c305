import type { RequestName } from "../gateway/load/load-request.js";

/** What is measured of the gateway: how many requests it answers, and how soon. */
export interface GatewayCase {
  readonly name: string;
  /** What it shows, as a phrase. */
  readonly shows: string;
  /** `embedded`: all in one process, in memory and with PGlite; `processes`: on RabbitMQ and PostgreSQL. */
  readonly stand: "embedded" | "processes";
  readonly request: RequestName;
}

/** Clients at once, each of which waits for its answer before it asks again. */
export const CONNECTIONS: readonly number[] = [1, 32, 256];

export const GATEWAY_CASES: readonly GatewayCase[] = [
  { name: "http-embedded", shows: "`/predictions?wait=5`, all in one process", stand: "embedded", request: "predictions" },
  { name: "http-processes", shows: "the same, each service in a process", stand: "processes", request: "predictions" },
  { name: "infer-1-embedded", shows: "`/v2/models/champion/infer`, one row", stand: "embedded", request: "infer-1" },
  { name: "infer-1-processes", shows: "the same, each service in a process", stand: "processes", request: "infer-1" },
  { name: "infer-256-embedded", shows: "`/v2/models/champion/infer`, 256 rows", stand: "embedded", request: "infer-256" },
  { name: "infer-256-processes", shows: "the same, each service in a process", stand: "processes", request: "infer-256" },
];
