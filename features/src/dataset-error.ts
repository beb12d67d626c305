/** A dataset that cannot be used at all. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
  readonly path: string;

  /** @param problem - what is wrong and what to do, as the end of a sentence that starts with the path. */
  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(`The dataset ${path} ${problem}`, options);
    this.path = path;
  }
}
