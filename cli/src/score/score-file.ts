import { statSync } from "node:fs";
import { csvField, CsvRefusedError, type Ids, type Refusal } from "@streamgauge/core";
import { csvFileRows } from "@streamgauge/features";
import { selectFeatures, valuesBetween, type FeatureValues, type OnnxModel } from "@streamgauge/model";
import { DatasetError } from "@streamgauge/training";
import { RecordTable, type TableRows } from "./record-table.js";

/** Rows of a file with their predictions; shape [rows] each. */
export interface ScoredRows {
  readonly ids: Ids;
  /** Of the model's features, in their order. */
  readonly columns: readonly FeatureValues[];
  readonly yPred: Float64Array;
  /** Absent without a target. */
  readonly yTrue?: Float64Array | undefined;
}

/**
 * Scores a CSV file in pieces, in constant memory.
 *
 * @param target - column with the true value, if any. @throws DatasetError at the first unusable line, after the rows before it.
 */
export async function* scoredRows(model: OnnxModel, path: string, target?: string): AsyncGenerator<ScoredRows, void> {
  let table: RecordTable | undefined;
  for await (const { header, rows } of piecesOf(path)) {
    table ??= new RecordTable(path, header, model, target);
    const { scored, refusal } = await scoreRows(model, table.read(rows));
    if (scored.ids.length > 0) yield scored;
    if (refusal !== undefined) throw complaint(path, rows[refusal.row ?? 0]?.line ?? 0, refusal);
  }
}

/** The lines of a CSV file with the predictions of another, header first: `id,y_pred`, and `y_true,absolute_error` if there is a target. @throws as `scoredRows` */
export async function* scoreFile(model: OnnxModel, path: string, target?: string): AsyncGenerator<string, void> {
  let header = headerLine(target);
  for await (const { ids, yPred, yTrue } of scoredRows(model, path, target)) {
    let lines = header;
    header = "";
    for (const [row, predicted] of yPred.entries()) {
      const label = yTrue?.[row];
      const more = label === undefined ? "" : `,${label},${Math.abs(label - predicted)}`;
      lines += `${csvField(ids.at(row))},${predicted}${more}\n`;
    }
    yield lines;
  }
}

async function* piecesOf(path: string) {
  try {
    yield* csvFileRows(path, statSync(path));
  } catch (cause) {
    if (cause instanceof CsvRefusedError) throw DatasetError.of(path, cause);
    if (!(cause instanceof Error) || !("syscall" in cause)) throw cause;
    const problem = `the file cannot be read (${cause.message})`;
    throw new DatasetError({ path, problem, remedy: "Give a CSV file with a header that this user may read", cause });
  }
}

/** The rows before the first unusable one, and why that is unusable. */
async function scoreRows(
  model: OnnxModel,
  rows: TableRows,
): Promise<{ readonly scored: ScoredRows; readonly refusal?: Refusal | undefined }> {
  const selected = selectFeatures(rows.frame, model);
  // Rows before the first refused one are a prefix of the selected rows.
  const usable = selected.refusals.reduce((least, { row = 0 }) => Math.min(least, row), selected.ids.length);
  const refusal = selected.refusals.find(({ row = 0 }) => row === usable) ?? rows.refusal;
  const yPred = (await model.predict(usable, selected.columns)).subarray(0, usable);
  const unanswered = yPred.findIndex((value) => !Number.isFinite(value));
  const end = unanswered < 0 ? usable : unanswered;
  const scored = {
    ids: selected.ids.take(Array.from({ length: end }, (_, row) => row)),
    columns: selected.columns.map((column) => valuesBetween(column, 0, end)),
    yPred: yPred.subarray(0, end),
    yTrue: rows.yTrue?.subarray(0, end),
  };
  if (unanswered < 0) return { scored, refusal };
  const reason = `the model answers ${yPred[unanswered]} for this row`;
  return { scored, refusal: { row: unanswered, field: "y_pred", reason } };
}

function headerLine(target: string | undefined): string {
  return target === undefined ? "id,y_pred\n" : "id,y_pred,y_true,absolute_error\n";
}

function complaint(path: string, line: number, { field, reason }: Refusal): DatasetError {
  const remedy = "Mend the line, or take it out";
  return new DatasetError({ path, line, ...(field === undefined ? {} : { column: field }), problem: reason, remedy });
}
