/** A training option that cannot be used. The message names the option and says what it takes. */
export class TrainingOptionError extends Error {
  override readonly name = "TrainingOptionError";
  /** The option's name in TrainOptions. */
  readonly option: string;
  readonly value: unknown;

  constructor(option: string, value: unknown, remedy: string) {
    super(`Training option ${option} = ${JSON.stringify(value)}: ${remedy}.`);
    this.option = option;
    this.value = value;
  }
}
