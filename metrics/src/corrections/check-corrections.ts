import { LOG_HEADER, readLogLines, type Readable } from "@streamgauge/core/metric-log";
import { inForceOf, type CorrectionHistory } from "./correction-history.js";
import type { CorrectionRecord } from "../log/correction-records.js";

/**
 * Compares `corrections.csv` with the log and with the corrections in the state: each record takes the place of the label before it, from the one
 * in the log on, and the last one is in force.
 *
 * @param histories - by id, as the state has them. @param log - the committed part. @param path - of `corrections.csv`, for people.
 * @returns a sentence for each difference.
 */
export function correctionProblems(
  histories: ReadonlyMap<string, CorrectionHistory>,
  records: readonly CorrectionRecord[],
  log: Readable,
  path: string,
): string[] {
  if (histories.size === 0 && records.length === 0) return [];
  const logged = labelsOf(new Set([...histories.keys(), ...records.map(({ id }) => id)]), log);
  const labels = new Map(logged);
  const problems: string[] = [];
  for (const { id, before, after, line } of records) {
    const label = labels.get(id);
    // The log was exchanged since, or a part of it deleted; a start says so.
    if (label === undefined) continue;
    if (label !== before)
      problems.push(`${path}, line ${line}: the label of ${JSON.stringify(id)} was ${label} until then, not ${before}.`);
    labels.set(id, after);
  }
  for (const [id, history] of histories) {
    const [first, label] = [logged.get(id), labels.get(id)];
    const mayBeMissing = (log.gaps ?? []).length > 0;
    if (first === undefined && mayBeMissing) continue;
    if (first === undefined) problems.push(`The state has corrections of ${JSON.stringify(id)}, which is not in the log.`);
    else if (inForceOf(history, first) !== label)
      problems.push(`${path} gives ${JSON.stringify(id)} the label ${label}; by the state it is ${inForceOf(history, first)}.`);
  }
  return problems;
}

/** The labels in the log of some ids. */
function labelsOf(wanted: ReadonlySet<string>, log: Readable): Map<string, number> {
  const labels = new Map<string, number>();
  for (const { ids, yTrue } of readLogLines(log, LOG_HEADER.length)) {
    for (let row = 0; row < yTrue.length; row += 1) {
      const id = ids.at(row);
      if (wanted.has(id) && !labels.has(id)) labels.set(id, yTrue[row] ?? Number.NaN);
    }
  }
  return labels;
}
