import "vitest";

/** What one case adds to the table in docs/guarantees.md. */
export interface CaseFigures {
  /** RabbitMQ's version. */
  readonly rabbitmq: string;
  /** Faults that were injected, one after another. */
  readonly rounds: number;
  /** Processes that ended by SIGKILL, the broker's included. */
  readonly kills: number;
  readonly rows: number;
  readonly lost: number;
  readonly doubled: number;
  readonly unexpected: number;
  readonly wrong: number;
  /** The longest time from the end of a fault to the next line of the log, in ms. */
  readonly slowestReturnMs: number;
}

declare module "vitest" {
  interface TaskMeta {
    /** Of a case of the fault suite that ended with the oracle. */
    faults?: CaseFigures;
  }
}
