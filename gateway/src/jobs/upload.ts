import { EVENT_TIME, Ids, idRefusal, labelContract, numberRefusal, featuresContract, type Message, type Refusal } from "@streamgauge/core";
import { formatFor } from "../ingress/publisher.js";
import { unreadableRefusal, type RawItem } from "../ingress/raw-items.js";
import { RowTable, type WrittenRows } from "../ingress/row-table.js";
import type { Receipt } from "../ingress/ingress.js";
import { jobRowId } from "./row-id.js";

/** The rows of one chunk, as stored and sent. */
export interface Chunk {
  readonly n: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly body: Buffer;
  readonly contentType: string;
  /** How its cells are meant, for its message. */
  readonly headers: Message["headers"];
  /** The rows' own ids, if some have one. */
  readonly ids: readonly (string | null)[] | undefined;
  /** NaN if missing; undefined if no row has one. */
  readonly y_true: Float64Array | undefined;
}

const CHUNK_ROWS = 4_096;
const CHUNK_BYTES = 6 * 1024 * 1024;
const MAX_LISTED = 1_000;
const FIELDS = new Set(["id", "features", "y_true", EVENT_TIME]);

/** Splits the rows of an upload into chunks, and collects refusals. */
export class Upload {
  readonly #job: string;
  readonly #table: RowTable;
  #ids: (string | null)[] = [];
  #labels: number[] = [];
  #position = 0;
  #chunks = 0;
  /** Rows that were accepted; refusals are counted as in a request. */
  rows = 0;
  /** Rows with a label. */
  labels = 0;
  readonly refused: Pick<Receipt, "refusals"> & { count: number } = { refusals: [], count: 0 };

  /** @param csv - if the rows come from a text file. */
  constructor(job: string, csv: WrittenRows | undefined) {
    this.#job = job;
    this.#table = new RowTable([], csv);
  }

  /** Whether each row so far has a label. */
  get isLabelled(): boolean {
    return this.labels === this.rows;
  }

  /** The features of all rows. */
  get names(): readonly string[] {
    return this.#table.names;
  }

  get chunks(): number {
    return this.#chunks;
  }

  /** Adds rows. @returns the chunks that are full. */
  add(items: readonly RawItem[]): Chunk[] {
    const full: Chunk[] = [];
    for (const item of items) {
      const refusal = this.#take(item, this.#position++);
      if (refusal !== undefined) {
        this.refused.count += 1;
        if (this.refused.refusals.length < MAX_LISTED) this.refused.refusals.push(refusal);
      }
      if (this.#table.rows >= CHUNK_ROWS || this.#table.bytes >= CHUNK_BYTES) full.push(this.#cut());
    }
    return full;
  }

  /** The last chunk, if it has rows. */
  end(): Chunk[] {
    return this.#table.rows === 0 ? [] : [this.#cut()];
  }

  #take(item: RawItem, row: number): Refusal | undefined {
    if ("unreadable" in item) return unreadableRefusal(item, row);
    const { id, features, y_true: label, event_time } = item.fields;
    for (const field in item.fields)
      if (!FIELDS.has(field)) return { row, field: field.slice(0, 128), reason: "a row has only id, features, event_time and y_true" };
    if (id !== undefined) {
      const refusal = idRefusal(id, row);
      if (refusal !== undefined) return refusal;
    }
    const rowId = jobRowId(this.#job, this.rows);
    const labelled = label !== undefined && label !== null;
    if (labelled) {
      const refusal = numberRefusal(label, row, typeof id === "string" ? id : rowId, "y_true");
      if (refusal !== undefined) return refusal;
    }
    const refusal = this.#table.add({ id: rowId, features, event_time }, row, rowId);
    // The sender does not know the job's generated ids.
    if (refusal !== undefined)
      return {
        row,
        ...(typeof id === "string" ? { id } : {}),
        ...(refusal.field === undefined ? {} : { field: refusal.field }),
        reason: refusal.reason,
      };
    this.#ids.push(typeof id === "string" ? id : null);
    this.#labels.push(typeof label === "number" ? label : Number.NaN);
    this.rows += 1;
    if (labelled) this.labels += 1;
    return undefined;
  }

  #cut(): Chunk {
    const frame = this.#table.take();
    const rows = frame.ids.length;
    const { body, contentType, headers } = featuresContract.write(frame, formatFor(rows, frame.columns.values()), 0);
    const ids = this.#ids.some((id) => id !== null) ? this.#ids : undefined;
    const labels = Float64Array.from(this.#labels);
    this.#ids = [];
    this.#labels = [];
    const yTrue = labels.every(Number.isNaN) ? undefined : labels;
    return { n: this.#chunks++, firstRow: this.rows - rows, rows, body, contentType, headers, ids, y_true: yTrue };
  }
}

/** The labels of a chunk as a message; undefined if it has none. */
export function labelMessage(job: string, firstRow: number, labels: Float64Array, now: number) {
  const rows = Array.from(labels.keys()).filter((row) => !Number.isNaN(labels[row]));
  if (rows.length === 0) return undefined;
  const ids = Ids.of(rows.map((row) => jobRowId(job, firstRow + row)));
  const values = Float64Array.from(rows, (row) => labels[row] ?? Number.NaN);
  return labelContract.write({ ids, y_true: values }, formatFor(rows.length, [values]), now);
}
