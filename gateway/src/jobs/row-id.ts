/** The largest number that the database's integers hold. */
const MAX_ROW = 2 ** 31 - 1;

/** The id in the pipeline of a job's row, from 0. */
export function jobRowId(job: string, row: number): string {
  return `${job}-${row}`;
}

/** The job and the row that an id names; undefined where it cannot be the id of a job's row. */
export function readJobRowId(id: string): { readonly job: string; readonly row: number } | undefined {
  const [, job, digits] = /^(.+)-(\d+)$/s.exec(id) ?? [];
  const row = Number(digits);
  return job === undefined || row > MAX_ROW ? undefined : { job, row };
}
