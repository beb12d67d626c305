import { Ids, MONITORED_FEATURES, RowCoder, type FeaturesFrame, type Refusal, type RowCodes } from "@streamgauge/core";
import { Dataset, DatasetError } from "@streamgauge/features";
import type { PredictedHistory } from "@streamgauge/metrics";
import { FirstRows, selectFeatures, type FeatureValues, type OnnxModel } from "@streamgauge/model";

/** Where the columns of a history are. */
export interface HistoryColumns {
  readonly target: string;
  readonly time: string;
  readonly timeZone: string;
  /** Empty: rows are numbered from 1. */
  readonly id: string;
  readonly textColumns: readonly string[];
  /** Features whose drift and segments are looked at; empty: all, at most 64. */
  readonly monitored: readonly string[];
  /** Rows that become the reference of a model without one. */
  readonly referenceRows: number;
}

/** Lines that were left out are named, the first of them. */
const NAMED = 5;

/** A history that a model has predicted. */
export interface ReadHistory {
  readonly history: PredictedHistory;
  /** Rows that were left out, and why the first of them were. */
  readonly refused: number;
  readonly reasons: readonly string[];
}

/** Gathers columns that grow. */
class Columns {
  readonly ids: string[] = [];
  /** The row of each id, from 1. */
  readonly rowOf = new Map<string, number>();
  readonly times: number[] = [];
  readonly yTrue: number[] = [];
  readonly yPred: number[] = [];
  /** The bins of each row's features, and the texts that the reference does not have; none without a reference. */
  readonly codes: Uint8Array[] = [];
  readonly unseen: (string | null)[] = [];
  readonly coder: RowCoder | undefined;
  /** The values of each feature that can be monitored, until their bins are known; none with a reference. */
  readonly values: readonly (number | string)[][];

  constructor(coder: RowCoder | undefined, features: readonly string[]) {
    this.coder = coder;
    this.values = coder === undefined ? features.slice(0, MONITORED_FEATURES).map(() => []) : [];
  }

  refused = 0;
  readonly reasons: string[] = [];

  refuse(reason: string): void {
    this.refused += 1;
    if (this.reasons.length < NAMED) this.reasons.push(reason);
  }
}

/**
 * Predicts the rows of a CSV file, with the code of features and model, and puts them in the order of their event times.
 *
 * @param batchRows - rows in one call of the model. @throws DatasetError, ModelError
 */
export async function predictHistory(model: OnnxModel, path: string, columns: HistoryColumns, batchRows: number): Promise<ReadHistory> {
  const { target, time, timeZone, id, textColumns, monitored, referenceRows } = columns;
  const { reference } = model;
  const coder = reference === undefined ? undefined : new RowCoder(reference, model.features, monitored);
  const gathered = new Columns(coder, model.features);
  const dataset = new Dataset({
    path,
    targetColumn: target,
    idColumn: id,
    timeColumn: time,
    timeZone,
    textColumns,
    allowUnlabelled: true,
    onMalformed: (line, problem) => gathered.refuse(`line ${line}: ${problem}`),
  });
  let row = 0;
  for await (const block of dataset.pass()) {
    for (let from = 0; from < block.rows; from += batchRows) {
      const to = Math.min(block.rows, from + batchRows);
      const ids = Ids.of(Array.from({ length: to - from }, (_, i) => block.ids?.[from + i] ?? String(row + from + i + 1)));
      const names = new Map(Array.from(block.columns, ([name, cells]) => [name, cells.slice(from, to)]));
      const times = block.times?.slice(from, to);
      const frame: FeaturesFrame = {
        ...block,
        ids,
        columns: names,
        asWritten: true,
        ...(times === undefined ? {} : { eventTimes: times }),
      };
      await predictFrame(model, frame, { first: row + from + 1, times, yTrue: block.y_true.slice(from, to) }, gathered);
    }
    row += block.rows;
  }
  if (gathered.ids.length === 0) throw new DatasetError(path, `has no row that the model can score. ${gathered.reasons[0] ?? ""}`);
  return { history: inOrder(gathered, model, monitored, referenceRows), refused: gathered.refused, reasons: gathered.reasons };
}

async function predictFrame(
  model: OnnxModel,
  frame: FeaturesFrame,
  { first, times, yTrue }: { readonly first: number; readonly times: Float64Array | undefined; readonly yTrue: Float64Array },
  gathered: Columns,
): Promise<void> {
  const selected = selectFeatures(frame, model);
  const refused = reasonsByRow(selected.refusals);
  for (const reason of refused.values()) gathered.refuse(reason);
  const places = Array.from({ length: frame.ids.length }, (_, place) => place).filter((place) => !refused.has(place));
  const yPred = await model.predict(places.length, selected.columns);
  const codes = gathered.coder?.codesOf(selected.columns, yPred);
  for (const [i, place] of places.entries()) {
    const predicted = yPred[i] ?? Number.NaN;
    const id = frame.ids.at(place);
    const before = gathered.rowOf.get(id);
    if (!Number.isFinite(predicted)) gathered.refuse(`row ${JSON.stringify(id)}: the model answers ${predicted}`);
    else if (before !== undefined)
      gathered.refuse(
        `row ${first + place} has the id ${JSON.stringify(id)} of row ${before}, which counts: give each row an id of its own`,
      );
    else {
      gathered.rowOf.set(id, first + place);
      gathered.ids.push(id);
      gathered.times.push(times?.[place] ?? Number.NaN);
      gathered.yTrue.push(yTrue[place] ?? Number.NaN);
      gathered.yPred.push(predicted);
      if (codes !== undefined) gathered.codes.push(codes.bytes.slice(i * codes.layout.width, (i + 1) * codes.layout.width));
      if (codes !== undefined) gathered.unseen.push(codes.unseen?.[i] ?? null);
      for (const [feature, kept] of gathered.values.entries()) kept.push(selected.columns[feature]?.[i] ?? Number.NaN);
    }
  }
}

/** Why each row is refused: by the first of its features that are. */
function reasonsByRow(refusals: readonly Refusal[]): Map<number | undefined, string> {
  const fields = new Map<number | undefined, number>();
  for (const { row } of refusals) fields.set(row, (fields.get(row) ?? 0) + 1);
  const reasons = new Map<number | undefined, string>();
  for (const { row, id = "", field = "", reason } of refusals) {
    if (reasons.has(row)) continue;
    const others = (fields.get(row) ?? 1) - 1;
    const more = others === 0 ? "" : ` (and ${others} more ${others === 1 ? "feature" : "features"})`;
    reasons.set(row, `row ${JSON.stringify(id)}, ${field}: ${reason}${more}`);
  }
  return reasons;
}

/** Rows of one time stay in the order of the file. */
function inOrder(gathered: Columns, model: OnnxModel, monitored: readonly string[], referenceRows: number): PredictedHistory {
  const { ids, times, yTrue, yPred, coder } = gathered;
  const order = Array.from(ids.keys()).toSorted((one, other) => (times[one] ?? 0) - (times[other] ?? 0));
  const ordered = (column: readonly number[]) => Float64Array.from(order, (row) => column[row] ?? Number.NaN);
  const orderedYPred = ordered(yPred);
  const coded =
    coder === undefined
      ? codedByFirstRows(valuesInOrder(gathered, order), orderedYPred, model.features, monitored, referenceRows)
      : { codes: codesInOrder(gathered, coder, order), reference: coder.reference };
  return {
    ids: Ids.of(order.map((row) => ids[row] ?? "")),
    times: ordered(times),
    yTrue: ordered(yTrue),
    yPred: orderedYPred,
    model: `${model.name}@${model.version}`,
    unit: model.targetUnit ?? "",
    heldOut: model.heldOut,
    ...coded,
  };
}

function codesInOrder({ codes, unseen }: Columns, { layout }: RowCoder, order: readonly number[]): RowCodes {
  const bytes = new Uint8Array(order.length * layout.width);
  for (const [i, row] of order.entries()) bytes.set(codes[row] ?? [], i * layout.width);
  const isSeen = unseen.every((texts) => texts === null);
  return { layout, bytes, ...(isSeen ? {} : { unseen: order.map((row) => unseen[row] ?? null) }) };
}

function valuesInOrder({ values }: Columns, order: readonly number[]): FeatureValues[] {
  return values.map((kept) =>
    kept.every((value) => typeof value === "number")
      ? Float64Array.from(order, (row) => Number(kept[row]))
      : order.map((row) => String(kept[row])),
  );
}

/** As live: the first rows of a model without a reference become one, and those after them have bins. Nothing of a history with too few rows. */
function codedByFirstRows(
  values: readonly FeatureValues[],
  yPred: Float64Array,
  features: readonly string[],
  monitored: readonly string[],
  rows: number,
): Pick<PredictedHistory, "codes" | "codedFrom" | "reference"> {
  const first = new FirstRows(features, rows);
  first.add(values, yPred);
  const { reference } = first;
  if (reference === undefined) return {};
  const coder = new RowCoder(reference, features, monitored);
  const from = reference.rows;
  const codes = coder.codesOf(
    values.map((each) => each.slice(from)),
    yPred.slice(from),
  );
  return { codes, codedFrom: from, reference: coder.reference };
}
