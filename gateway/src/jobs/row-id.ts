/** The largest integer of the database. */
const MAX_ROW = 2 ** 31 - 1;

/** The id of a job's row in the pipeline; rows count from 0. */
export function jobRowId(job: string, row: number): string {
  return `${job}-${row}`;
}

/** The job and the row of an id; undefined if it is not the id of a job's row. */
export function readJobRowId(id: string): { readonly job: string; readonly row: number } | undefined {
  const [, job, digits] = /^(.+)-(\d+)$/s.exec(id) ?? [];
  const row = Number(digits);
  return job === undefined || row > MAX_ROW ? undefined : { job, row };
}
