import { isClose } from "./waited-predictions.js";

/** What the results of a job look like. */
export interface CheckedResults {
  readonly rows: number;
  /** Out of order, without a prediction, or with another one than the same row of the study had before. */
  readonly wrong: number;
}

/** Checks results in CSV whose rows repeat every `period` rows. */
export async function checkedResults(text: AsyncIterable<string>, period: number): Promise<CheckedResults> {
  const first: number[] = [];
  let rows = 0;
  let wrong = 0;
  for await (const line of linesIn(text)) {
    const [row, , predicted = ""] = line.split(",");
    const yPred = Number(predicted);
    if (rows < period) first.push(yPred);
    if (Number(row) !== rows || predicted === "" || !isClose(yPred, first[rows % period])) wrong += 1;
    rows += 1;
  }
  return { rows, wrong };
}

/** The lines below the heading. */
async function* linesIn(text: AsyncIterable<string>): AsyncGenerator<string, void> {
  let rest = "";
  let isHeading = true;
  for await (const part of text) {
    const lines = (rest + part).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (!isHeading) yield line;
      isHeading = false;
    }
  }
}
