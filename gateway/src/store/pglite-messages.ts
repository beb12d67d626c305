/** A query for the thread of PGlite, or the wish that it ends. */
export type Question = { readonly number: number } & (
  { readonly sql: string; readonly parameters: readonly unknown[] } | { readonly close: true }
);

/** What a query came to, or why it failed. */
export interface Answer {
  readonly number: number;
  readonly rows?: readonly unknown[];
  readonly affectedRows?: number;
  readonly failure?: Failure;
}

/** An error of PostgreSQL: its class is lost between threads, its code is not. */
export interface Failure {
  readonly message: string;
  /** SQLSTATE, or the code of an error of Node. */
  readonly code?: string;
}
