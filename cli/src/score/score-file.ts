import { statSync } from "node:fs";
import { csvField, CsvRefusedError, type Refusal } from "@streamgauge/core";
import { csvFileRows } from "@streamgauge/features";
import { selectFeatures, type OnnxModel } from "@streamgauge/model";
import { DatasetError } from "@streamgauge/training";
import { RecordTable, type TableRows } from "./record-table.js";

/**
 * Scores a CSV file in pieces, in constant memory.
 *
 * @param target - column with the true value, if any.
 * @returns the lines of a CSV file, header first: `id,y_pred`, and `y_true,absolute_error` if there is a target.
 * @throws DatasetError at the first unusable line, after the rows before it.
 */
export async function* scoreFile(model: OnnxModel, path: string, target?: string): AsyncGenerator<string, void> {
  let table: RecordTable | undefined;
  let headed = false;
  for await (const { header, rows } of piecesOf(path)) {
    table ??= new RecordTable(path, header, model, target);
    const { lines, refusal } = await scoreRows(model, table.read(rows));
    if (lines !== "") yield headed ? lines : headerLine(target) + lines;
    headed ||= lines !== "";
    if (refusal !== undefined) throw complaint(path, rows[refusal.row ?? 0]?.line ?? 0, refusal);
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

/** The lines of the rows before the first unusable one, and why that is unusable. */
async function scoreRows(model: OnnxModel, rows: TableRows): Promise<{ readonly lines: string; readonly refusal?: Refusal | undefined }> {
  const selected = selectFeatures(rows.frame, model);
  // Rows before the first refused one are a prefix of the selected rows.
  const usable = selected.refusals.reduce((least, { row = 0 }) => Math.min(least, row), selected.ids.length);
  const refusal = selected.refusals.find(({ row = 0 }) => row === usable) ?? rows.refusal;
  const yPred = await model.predict(usable, selected.columns);
  let lines = "";
  for (let row = 0; row < usable; row += 1) {
    const [id, predicted, yTrue] = [selected.ids.at(row), yPred[row] ?? Number.NaN, rows.yTrue?.[row]];
    if (!Number.isFinite(predicted))
      return { lines, refusal: { row, field: "y_pred", reason: `the model answers ${predicted} for this row` } };
    const more = yTrue === undefined ? "" : `,${yTrue},${Math.abs(yTrue - predicted)}`;
    lines += `${csvField(id)},${predicted}${more}\n`;
  }
  return { lines, refusal };
}

function headerLine(target: string | undefined): string {
  return target === undefined ? "id,y_pred\n" : "id,y_pred,y_true,absolute_error\n";
}

function complaint(path: string, line: number, { field, reason }: Refusal): DatasetError {
  const remedy = "Mend the line, or take it out";
  return new DatasetError({ path, line, ...(field === undefined ? {} : { column: field }), problem: reason, remedy });
}
