/** A query for the thread of PGlite, or a request to close. */
export type Question = { readonly number: number } & (
  { readonly sql: string; readonly parameters: readonly unknown[] } | { readonly close: true }
);

/** The result of a query, or its failure. */
export interface Answer {
  readonly number: number;
  readonly rows?: readonly unknown[];
  readonly affectedRows?: number;
  readonly failure?: Failure;
}

/** An error of PostgreSQL: threads exchange its code, but not its class. */
export interface Failure {
  readonly message: string;
  /** SQLSTATE, or a Node error code. */
  readonly code?: string;
}
