/** The database does not answer now. */
export class DatabaseAwayError extends Error {
  override readonly name = "DatabaseAwayError";

  constructor(options?: ErrorOptions) {
    super("The database is away.", options);
  }
}
