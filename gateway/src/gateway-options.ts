import type { OtherPartitionsError, Tracing } from "@streamgauge/core";
import type { Registry } from "prom-client";
import type { RequestsOptions } from "./requests.js";
import type { ServedModel } from "./served-model.js";
import type { ServiceStatus } from "./status/service-status.js";

export interface GatewayOptions extends RequestsOptions {
  readonly registry: Registry;
  readonly host: string;
  /** 0: a free port. */
  readonly port: number;
  /** API_KEYS. */
  readonly apiKeys: string;
  /** READ_KEYS. */
  readonly readKeys: string;
  /** Whether writes without a key are accepted on any address. */
  readonly open: boolean;
  /** Requests a second from one address. */
  readonly rateLimit: number;
  /** RABBITMQ_PAGE_URL and STATUS_URLS. */
  readonly rabbitPageUrl: string;
  readonly statusUrls: string;
  /** TEXT_COLUMNS. */
  readonly textColumns: readonly string[];
  /** TIME_COLUMN and TIME_ZONE. */
  readonly timeColumn?: string;
  readonly timeZone?: string;
  /** Services, and models of other lanes, that run in this process beside the gateway. */
  readonly runs: () => readonly Pick<ServiceStatus, "name" | "status">[];
  /** Called when metrics turns out to have another number of partitions. */
  readonly fail: (error: OtherPartitionsError) => void;
  /** The current model; its fields are empty if unknown. */
  readonly model: () => ServedModel;
  /** Records requests. Default: nothing is traced. */
  readonly tracing?: Tracing | undefined;
}
