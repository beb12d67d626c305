import { describeRefusal, Ids, type Closable, type LabelFrame, type PredictionFrame } from "@streamgauge/core";
import type { RefusedRow, RowOwner } from "../results/results.js";
import { GroupCommit } from "../store/group-commit.js";
import type { ChunkResult, JobStore, RowLabel } from "../store/job-store.js";
import type { ActiveJob, Taken } from "./active-job.js";
import { readJobRowId } from "./row-id.js";

/** Routes predictions, refusals and late labels to their jobs, and stores them. */
export class JobAnswers implements RowOwner, Closable {
  readonly #active: ReadonlyMap<string, ActiveJob>;
  /** Jobs with rows that may still get labels. */
  readonly #unlabelled = new Set<string>();
  readonly #ending = new AbortController();
  readonly #results: GroupCommit<ChunkResult, undefined>;
  readonly #labels: GroupCommit<RowLabel, undefined>;

  /** @param onLabel - called after labels of a job's rows are stored. */
  constructor(store: JobStore, active: ReadonlyMap<string, ActiveJob>, onLabel: (job: string) => void) {
    this.#active = active;
    this.#results = new GroupCommit(async (group) => {
      await store.answer(group, this.#ending.signal);
      for (const { jobId, n } of group) active.get(jobId)?.close(n);
      return group.map(() => undefined);
    }, 64);
    this.#labels = new GroupCommit(async (group) => {
      await store.label(group, this.#ending.signal);
      for (const { jobId } of group) onLabel(jobId);
      return group.map(() => undefined);
    }, 10_000);
  }

  /** Accepts labels for rows of the job from now on. */
  expectLabels(job: string): void {
    this.#unlabelled.add(job);
  }

  /** Drops a job that was removed. */
  forget(job: string): void {
    this.#unlabelled.delete(job);
  }

  get expectsAnswers(): boolean {
    return this.#active.size > 0;
  }

  get expectsLabels(): boolean {
    return this.#unlabelled.size > 0;
  }

  async takePredictions({ ids, y_pred: values, model }: PredictionFrame): Promise<void> {
    await this.#take(ids, (job, rows, positions) => job.take(rows, (i) => values[positions[i] ?? 0] ?? Number.NaN, model));
  }

  async takeRefused(refused: readonly RefusedRow[]): Promise<void> {
    const ids = Ids.of(refused.map(({ id }) => id));
    await this.#take(ids, (job, rows, positions) => job.refuse(rows, (i) => reasonOf(rows[i] ?? 0, refused[positions[i] ?? 0])));
  }

  /**
   * Stores labels of rows that were uploaded without one. Labels that a job itself sent come back here, and are ignored. A correction is no label:
   * a job keeps those that it has.
   */
  async takeLabels({ ids, y_true: values, correction }: LabelFrame): Promise<void> {
    if (correction !== undefined) return;
    const stored: Promise<undefined>[] = [];
    for (let i = 0; i < ids.length; i += 1) {
      const { job: jobId, row } = readJobRowId(ids.at(i)) ?? {};
      if (jobId === undefined || row === undefined || !this.#unlabelled.has(jobId)) continue;
      stored.push(this.#labels.add({ jobId, row, y_true: values[i] ?? Number.NaN }));
    }
    await Promise.all(stored);
  }

  /** Passes each job its own rows, and resolves when the chunks of these rows are stored. */
  async #take(ids: Ids, give: (job: ActiveJob, rows: readonly number[], positions: readonly number[]) => Taken): Promise<void> {
    const found = new Map<ActiveJob, { readonly rows: number[]; readonly positions: number[] }>();
    for (let i = 0; i < ids.length; i += 1) {
      const { job: jobId = "", row = 0 } = readJobRowId(ids.at(i)) ?? {};
      const job = this.#active.get(jobId);
      if (job === undefined) continue;
      const own = found.get(job) ?? { rows: [], positions: [] };
      found.set(job, own);
      own.rows.push(row);
      own.positions.push(i);
    }
    const settled: Promise<unknown>[] = [];
    for (const [job, { rows, positions }] of found) {
      const taken = give(job, rows, positions);
      settled.push(...taken.settled);
      for (const result of taken.complete) settled.push(this.#results.add(result));
    }
    await Promise.all(settled);
  }

  /** Stops waiting for a database that is away: unstored messages were not acknowledged, and are redelivered. */
  close(): void {
    this.#ending.abort();
  }
}

/** The reason as the job's results show it: with the row's number in the job, not in its message. */
function reasonOf(row: number, refused: RefusedRow | undefined): string {
  if (refused === undefined) return "";
  return describeRefusal(refused.row === undefined ? refused : { ...refused, row });
}
