import { codesBetween, type RowCodes, type RowCoder } from "@streamgauge/core";
import { asNumbers, valuesBetween, type FeatureValues } from "../session/index.js";
import type { ModelLabel, Predictions, Scorer } from "../session/scorer.js";
import type { RowsToScore } from "./rows-to-score.js";

/** The predictions for the rows of one message. */
export interface PredictedRows extends Pick<RowsToScore, "ids" | "eventTimes" | "refusals"> {
  /** The rows as the model got them. */
  readonly of: RowsToScore;
  /** Shape [ids]; NaN or infinite if the model has no number for a row. */
  readonly yPred: Float64Array;
  /** The bins of the rows and of their predictions; undefined if the model has no reference. */
  readonly codes?: RowCodes | undefined;
  /** The model that made them. */
  readonly label: ModelLabel;
}

/** Takes the rows and the duration, in s, of each call of the model. */
type OnCall = (rows: number, seconds: number) => void;

/** Finds what codes the rows of a version, named by its label. */
export type CoderOf = (scorer: Scorer, model: string) => RowCoder | undefined;

/** A server changed its model between two calls for one message. */
export class MixedModelsError extends Error {
  override readonly name = "MixedModelsError";

  constructor(one: string, other: string) {
    super(`the server changed its model from ${one} to ${other} while it scored this message`);
  }
}

/**
 * Scores the rows of several messages together, in calls of at most `batchRows`.
 *
 * @param messages - all selected for this scorer; one without rows gets no predictions and no call.
 * @returns the predictions for each message, in their order, all of one model.
 * @throws ScoringError, or the model's own error, if a call fails; MixedModelsError.
 */
export async function predictRows(
  messages: readonly RowsToScore[],
  scorer: Scorer,
  batchRows: number,
  onCall: OnCall,
  coderOf: CoderOf = ({ coder }) => coder,
): Promise<readonly PredictedRows[]> {
  const withRows = messages.filter(({ rows }) => rows > 0);
  const rows = withRows.reduce((sum, message) => sum + message.rows, 0);
  const columns = concatenated(withRows, rows);
  const { yPred, ...label } = await predictionsFor(columns, rows, scorer, batchRows, onCall);
  const codes = coderOf(scorer, label.model)?.codesOf(columns, yPred);
  let end = 0;
  return messages.map((of) => {
    const { ids, eventTimes, refusals } = of;
    const from = end;
    end += of.rows;
    return { of, ids, eventTimes, refusals, yPred: yPred.subarray(from, end), codes: codesBetween(codes, from, end), label };
  });
}

async function predictionsFor(
  columns: readonly FeatureValues[],
  rows: number,
  scorer: Scorer,
  batchRows: number,
  onCall: OnCall,
): Promise<Predictions> {
  const call = async (count: number, part: readonly FeatureValues[]): Promise<Predictions> => {
    const began = performance.now();
    const predictions = await scorer.score(count, part);
    onCall(count, (performance.now() - began) / 1000);
    return predictions;
  };
  if (rows === 0) return { yPred: new Float64Array(), model: scorer.label, unit: "" };
  if (rows <= batchRows) return call(rows, columns);
  const all = new Float64Array(rows);
  let label: ModelLabel = { model: "", unit: "" };
  for (let from = 0; from < rows; from += batchRows) {
    const to = Math.min(rows, from + batchRows);
    const { yPred, ...its } = await call(
      to - from,
      columns.map((column) => valuesBetween(column, from, to)),
    );
    if (from > 0 && its.model !== label.model) throw new MixedModelsError(label.model, its.model);
    if (from === 0) label = its;
    all.set(yPred, from);
  }
  return { yPred: all, ...label };
}

/** The columns of all messages, [features][rows]. */
function concatenated(messages: readonly RowsToScore[], rows: number): readonly FeatureValues[] {
  const [first] = messages;
  if (first === undefined || messages.length === 1) return first?.columns ?? [];
  return first.columns.map((column, feature) => {
    if (!(column instanceof Float64Array))
      return messages.flatMap(({ columns }) => Array.from<number | string, string>(columns[feature] ?? [], String));
    const all = new Float64Array(rows);
    let at = 0;
    for (const message of messages) {
      all.set(asNumbers(message.columns[feature] ?? []), at);
      at += message.rows;
    }
    return all;
  });
}
