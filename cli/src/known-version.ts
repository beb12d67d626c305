import { quote } from "@streamgauge/core";

/** What is kept of a model version. */
export interface KeptOf {
  readonly what: string;
  readonly how: string;
}

/** Nothing is kept of the model version that is asked for. */
export class NoVersionError extends Error {
  override readonly name = "NoVersionError";

  /** @param of - what is kept of others. @param models - those others. */
  constructor({ what, how }: KeptOf, asked: string, models: readonly string[]) {
    const known =
      models.length === 0 ? "There are none yet" : `They are ${models.map((each) => quote(each)).join(", ")}: choose one with --model`;
    super(`No ${what} of a model version ${quote(asked)} is kept${how}. ${known}.`);
  }
}

/** Hours that drift and segments are found in. */
export const HOURS_WITH_BINS: KeptOf = { what: "hour", how: " with bins of its features" };
/** What a report shows. */
export const WINDOWS: KeptOf = { what: "window", how: "" };

/** @throws NoVersionError */
export function requireVersion(of: KeptOf, models: readonly string[], asked: string | undefined): void {
  if (asked !== undefined && !models.includes(asked)) throw new NoVersionError(of, asked, models);
}
