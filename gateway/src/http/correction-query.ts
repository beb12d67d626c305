import { MAX_WHO_CHARACTERS, type Correction } from "@streamgauge/core";
import Type from "typebox";
import { ProblemError } from "./problem.js";

/** How a request says that its labels correct earlier ones. */
export const correctionParameters = {
  correct: Type.Optional(
    Type.Boolean({
      description:
        "true: the labels take the place of those that were sent before, on purpose. Default: false, the first label of a row stays.",
      examples: ["true"],
    }),
  ),
  who: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAX_WHO_CHARACTERS,
      description: "Who corrects them, for corrections.csv. Default: gateway.",
      examples: ["ann"],
    }),
  ),
};

export interface CorrectionQuery {
  readonly correct?: boolean;
  readonly who?: string;
}

/** What a request corrects; undefined if its labels are first ones. @throws ProblemError */
export function correctionOf({ correct = false, who }: CorrectionQuery): Correction | undefined {
  if (correct) return { who: who ?? "gateway" };
  if (who !== undefined) throw new ProblemError(400, "who is for corrections: send ?correct=true as well, or leave it out.");
  return undefined;
}
