import type { MessagePort } from "node:worker_threads";
import type { PortedError } from "@streamgauge/core";
import type { Balance, Side, VersionMoments } from "@streamgauge/metrics";
import type { AllConfig } from "../../settings.js";

/** Services that block the thread in which they run: metrics while the disk syncs, plot while it draws. */
export type ThreadedService = "metrics" | "plot";

/** What a loaded service gets to run. */
export interface ThreadTask {
  /** The name of its link, which its log lines have. */
  readonly name: string;
  readonly lane: string;
  /** Of metrics. */
  readonly partition: number | undefined;
  readonly config: AllConfig;
  /** The end of a port whose other end has its bus. */
  readonly bus: MessagePort;
}

/** How far metrics of a lane is. */
export interface LaneProgress {
  readonly balance: Readonly<Record<Side, Balance>>;
  /** Rows that wait in memory for their partners. */
  readonly waiting: Readonly<Record<Side, number>>;
  readonly versions: readonly VersionMoments[];
  /** Of the log of each partition, in bytes. */
  readonly logLengths: readonly number[];
}

/** What a thread is asked after its task: its metrics for Prometheus, how far it is (undefined while its disk cannot be written), or to end. */
export interface ThreadQuestion {
  readonly n: number;
  readonly ask: "metrics" | "progress" | "close";
}

/** What a thread says. */
export type ThreadReply =
  | { readonly is: "started" }
  | { readonly is: "line"; readonly line: string }
  | { readonly is: "answer"; readonly n: number; readonly value: string | LaneProgress | undefined }
  /** The answer to a question; without a number, the service cannot start or go on. */
  | { readonly is: "failed"; readonly n?: number; readonly error: PortedError }
  | { readonly is: "stop" };
