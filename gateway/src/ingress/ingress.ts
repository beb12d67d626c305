import {
  FEATURES,
  featuresContract,
  JSON_TYPE,
  labelContract,
  LABELS,
  MAX_FRAME_ROWS,
  parseJsonBody,
  type Address,
  type Contract,
  type Correction,
  type FeaturesFrame,
  type LabelFrame,
  type Refusal,
} from "@streamgauge/core";
import { asDelivery } from "./as-delivery.js";
import { LabelTable } from "./label-table.js";
import { idPrefix, madeId } from "./made-ids.js";
import { formatFor, type Publisher } from "./publisher.js";
import {
  itemsOfCsv,
  itemsOfJson,
  itemsOfLines,
  labelOfRecord,
  rowOfRecord,
  strangeField,
  unreadableRefusal,
  type ItemOfRecord,
  type RawItem,
  type RecordColumns,
} from "./raw-items.js";
import { isRecord, RowTable, type WrittenRows } from "./row-table.js";

/** The outcome of a request's rows. */
export interface Receipt {
  /** Rows that RabbitMQ confirmed. */
  accepted: number;
  /** The ids of these rows, in order; at most 10,000. */
  readonly ids: string[];
  /** Rows that were refused. */
  refused: number;
  /** Why they were refused; at most 1,000. */
  readonly refusals: Refusal[];
}

/** A body that is read as a whole has more rows than one message may hold. */
export class TooManyRowsError extends Error {
  override readonly name = "TooManyRowsError";

  constructor() {
    super(`More than ${MAX_FRAME_ROWS} rows in one body: send them as NDJSON, of which any number is taken, or in several requests.`);
  }
}

/** A body that is a frame in a format other than JSON. */
export interface FrameBody {
  readonly form: "frame";
  readonly bytes: Buffer;
  readonly contentType: string;
}

/** The body of a request: read as a whole, or as a stream. */
export type IngressBody =
  | FrameBody
  | { readonly form: "json"; readonly bytes: Buffer }
  | { readonly form: "ndjson" | "csv"; readonly stream: AsyncIterable<Buffer> };

const MAX_IDS = 10_000;
const MAX_REFUSALS = 1_000;
/** Rows per message of a stream. */
const STREAM_ROWS = 2_048;
/** Bytes per message of a stream, for large rows. */
const STREAM_BYTES = 4 * 1024 * 1024;
/** Unconfirmed messages of one stream. */
const WINDOW = 4;

/** How rows and labels differ. */
interface Kind<F> {
  readonly name: "row" | "label";
  readonly to: Address;
  readonly contract: Contract<F>;
  /** @param csv - if the rows come from a text file. */
  readonly table: (csv: WrittenRows | undefined) => {
    readonly rows: number;
    readonly bytes: number;
    add(fields: Readonly<Record<string, unknown>>, position: number, id: string): Refusal | undefined;
    take(): F;
  };
  readonly columns: (frame: F) => Iterable<unknown>;
  readonly ofRecord: (header: readonly string[], columns: RecordColumns) => ItemOfRecord;
  /** Whether a JSON value has the contract's column format. */
  readonly isColumns: (value: unknown) => boolean;
}

const ROWS: Kind<FeaturesFrame> = {
  name: "row",
  to: FEATURES,
  contract: featuresContract,
  table: (csv) => {
    const table = new RowTable([], csv);
    return {
      get rows() {
        return table.rows;
      },
      get bytes() {
        return table.bytes;
      },
      add: ({ id, features, event_time }, position, made) => table.add({ id, features, event_time }, position, made),
      take: () => table.take(),
    };
  },
  columns: ({ columns }) => columns.values(),
  ofRecord: rowOfRecord,
  isColumns: (value) => isRecord(value) && "ids" in value,
};

const LABEL_ROWS: Kind<LabelFrame> = {
  name: "label",
  to: LABELS,
  contract: labelContract,
  table: () => new LabelTable(),
  columns: ({ y_true: values }) => [values],
  ofRecord: labelOfRecord,
  isColumns: (value) => isRecord(value) && "ids" in value,
};

/** Labels that correct earlier ones. */
function corrections(correction: Correction): Kind<LabelFrame> {
  const write: Contract<LabelFrame>["write"] = (frame, format, origin) => labelContract.write({ ...frame, correction }, format, origin);
  return { ...LABEL_ROWS, contract: { ...labelContract, write } };
}

export function newReceipt(): Receipt {
  return { accepted: 0, ids: [], refused: 0, refusals: [] };
}

export interface SendRowsOptions {
  /** The request's Idempotency-Key. */
  readonly key?: string | undefined;
  /** How the columns of CSV are meant. */
  readonly columns?: RecordColumns;
}

/** Sends a request's rows to be scored. @param receipt - filled in while sending, also if that fails. */
export function sendRows(
  publisher: Publisher,
  body: IngressBody,
  receipt: Receipt,
  { key, columns = {} }: SendRowsOptions = {},
): Promise<void> {
  return send(ROWS, publisher, body, idPrefix(key, "rows"), receipt, columns);
}

/** Sends a request's labels in the same way. @param correction - undefined unless they correct earlier ones. */
export function sendLabels(publisher: Publisher, body: IngressBody, receipt: Receipt, correction?: Correction): Promise<void> {
  return send(correction === undefined ? LABEL_ROWS : corrections(correction), publisher, body, "", receipt);
}

/**
 * Sends the rows or labels of a request. A body that is read as a whole becomes one message, so that it is accepted entirely or
 * not at all. A stream becomes a message every 2,048 rows, and is read no faster than RabbitMQ confirms.
 *
 * @throws FrameRefusedError if nothing in a body is usable; the errors of `Publisher.publish`.
 */
async function send<F extends { readonly ids: { readonly length: number; at(i: number): string } }>(
  kind: Kind<F>,
  publisher: Publisher,
  body: IngressBody,
  prefix: string,
  receipt: Receipt,
  columns: RecordColumns = {},
): Promise<void> {
  publisher.requireBroker();
  const publish = async (frame: F): Promise<void> => {
    if (frame.ids.length === 0) return;
    await publisher.publish(kind.to, kind.contract.write(frame, formatFor(frame.ids.length, kind.columns(frame)), Date.now()));
    receipt.accepted += frame.ids.length;
  };
  const note = (frame: F) => {
    for (let i = 0; i < frame.ids.length && receipt.ids.length < MAX_IDS; i += 1) receipt.ids.push(frame.ids.at(i));
    return frame;
  };
  const refuse = (refusals: readonly Refusal[]) => {
    receipt.refused += refusals.length;
    receipt.refusals.push(...refusals.slice(0, MAX_REFUSALS - receipt.refusals.length));
  };

  const whole = wholeFrame(kind, body);
  if (whole !== undefined) {
    refuse(whole.refusals);
    await publish(note(whole.frame));
    return;
  }

  const table = kind.table(body.form === "csv" ? columns : undefined);
  let position = 0;
  const take = (items: readonly RawItem[]) => {
    for (const item of items) {
      const row = position++;
      const refusal =
        "unreadable" in item
          ? unreadableRefusal(item, row)
          : (strangeField(item.fields, kind.name, row) ?? table.add(item.fields, row, madeId(prefix, row)));
      if (refusal !== undefined) refuse([refusal]);
    }
  };
  if (body.form === "json") {
    const items = itemsOfJson(parseJsonBody(body.bytes));
    if (items.length > MAX_FRAME_ROWS) throw new TooManyRowsError();
    take(items);
  } else if ("stream" in body) {
    const unconfirmed = new Unconfirmed();
    const stream = body.form === "ndjson" ? itemsOfLines(body.stream) : itemsOfCsv(body.stream, (header) => kind.ofRecord(header, columns));
    for await (const items of stream) {
      unconfirmed.throwFailure();
      take(items);
      if (table.rows < STREAM_ROWS && table.bytes < STREAM_BYTES) continue;
      await unconfirmed.add(publish(note(table.take())));
    }
    await unconfirmed.settled();
  }
  await publish(note(table.take()));
}

/** The messages of a stream that are sent and not confirmed: a few at a time. */
class Unconfirmed {
  readonly #sent = new Set<Promise<void>>();
  /** Kept, because a message may fail while the next part of the body is awaited. */
  #failure: { readonly error: unknown } | undefined;

  /** Resolves when another message may be sent. @throws the error of the first message that failed. */
  async add(publishing: Promise<void>): Promise<void> {
    const sent = publishing
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#sent.delete(sent));
    this.#sent.add(sent);
    if (this.#sent.size >= WINDOW) await Promise.race(this.#sent);
    this.throwFailure();
  }

  /** @throws the error of the first message that failed. */
  throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Resolves when all are confirmed. @throws the error of the first message that failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#sent);
    this.throwFailure();
  }
}

/** The frame of a body in the contract's own format: columns in JSON, or another codec. */
function wholeFrame<F>(kind: Kind<F>, body: IngressBody): { readonly frame: F; readonly refusals: readonly Refusal[] } | undefined {
  if (!("bytes" in body)) return undefined;
  if (body.form === "json" && !kind.isColumns(parseJsonBody(body.bytes))) return undefined;
  return kind.contract.read(asDelivery(body.bytes, body.form === "frame" ? body.contentType : JSON_TYPE));
}

/** Whether nothing in a request was usable. */
export function refusedAll({ accepted, refusals }: Receipt): boolean {
  return accepted === 0 && refusals.length > 0;
}
