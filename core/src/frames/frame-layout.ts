import type { TSchema } from "typebox";
import type { Cell, Column, Read } from "./frame.js";
import type { Ids } from "./ids.js";
import type { CodeBytes } from "./frame.js";

/** A value of a frame that is written as an object: columns have one value an id, cells are of the only row. */
export type FrameValue = Cell | Ids | Column | ReadonlyMap<string, Cell | Column>;

/** A frame as an object, its properties in order. */
export type FrameObject = readonly (readonly [name: string, value: FrameValue])[];

/** A frame as a table: ids, and columns in the sender's order. */
export interface FrameTable {
  /** Null for a missing id. */
  readonly ids: Ids | readonly (string | null)[];
  readonly columns: ReadonlyMap<string, Column>;
  /** The column `event_time`, if it is one of times: ms since 1970, null for a row without one. A column of that name with other values is among the columns. */
  readonly eventTimes?: Column | undefined;
  /** The column `codes`, if it is one of bytes. */
  readonly codes?: CodeBytes | undefined;
}

/**
 * How a kind of frame looks, apart from bytes: as an object, and as a table. A codec writes one of the two as bytes and reads it back;
 * the layout checks what was read.
 */
export interface FrameLayout<F> {
  /** JSON Schema of the object. The layout validates with this very value. */
  readonly schema: TSchema;
  /** The columns of the table, with their types. */
  readonly columnTypes: Readonly<Record<string, string>>;
  /**
   * Checks a decoded object.
   *
   * @throws FrameRefusedError if none of it can be used.
   */
  ofObject(object: unknown): Read<F>;
  /**
   * Checks a decoded table.
   *
   * @param source - what it was decoded from, for messages: `the Arrow stream`.
   * @throws FrameRefusedError if none of it can be used.
   */
  ofTable(table: FrameTable, source: string): Read<F>;
  /** One row as `{id, …}`, several as `{ids, …}`. */
  toObject(frame: F): FrameObject;
  toTable(frame: F): {
    readonly ids: Ids;
    readonly columns: Iterable<readonly [string, Column]>;
    /** Whole ms since 1970, null for a row without one: the column `event_time`, of 64-bit integers or times. */
    readonly eventTimes?: Column | undefined;
    /** The column `codes`, of bytes. */
    readonly codes?: CodeBytes | undefined;
  };
}
