import { seededNumbers, type Values } from "@streamgauge/core";
import type { OnnxModel } from "@streamgauge/model";
import { scoredRows } from "../score/score-file.js";

/** The most rows that are kept. Shares of bins do not become clearer with more. */
const MOST_ROWS = 100_000;

/** Rows of a file by feature, with their predictions. */
export interface SampledRows {
  /** Rows of the file. */
  readonly rows: number;
  /** By feature; shape [kept rows] each. */
  readonly columns: ReadonlyMap<string, Values>;
  readonly yPred: Float64Array;
}

/**
 * Scores a CSV file, and keeps its rows; of a long file as many as are kept at most, each with the same chance (Vitter's algorithm R), and the same ones
 * each time.
 *
 * @throws DatasetError
 */
export async function sampledRows(model: OnnxModel, path: string): Promise<SampledRows> {
  const random = seededNumbers(1);
  const kept: (readonly (number | string)[])[] = [];
  const yPred: number[] = [];
  let rows = 0;
  for await (const { columns, yPred: predictions } of scoredRows(model, path)) {
    for (const [row, prediction] of predictions.entries()) {
      const place = rows < MOST_ROWS ? rows : Math.floor(random() * (rows + 1));
      rows += 1;
      if (place >= MOST_ROWS) continue;
      kept[place] = columns.map((column) => column[row] ?? "");
      yPred[place] = prediction;
    }
  }
  const columnAt = (at: number, isText: boolean): Values =>
    isText ? kept.map((row) => String(row[at])) : Float64Array.from(kept, (row) => Number(row[at]));
  const columns = new Map(model.features.map((name, at) => [name, columnAt(at, model.kinds[at] === "text")] as const));
  return { rows, columns, yPred: Float64Array.from(yPred) };
}
