import type { CodeLayout } from "../drift/code-layout.js";
import type { Refusal } from "../refusal.js";
import type { Ids } from "./ids.js";

/** One value of a feature as it arrived: a number, a category, or missing. What is acceptable, the model says. */
export type Cell = number | string | null;

/** A column of a frame, shape [n]. A typed array holds finite numbers only. */
export type Column = Float64Array | readonly Cell[];

/** The value of the header `cells` for cells of a text file. */
export const AS_WRITTEN = "as-written";

/** A column of numbers only is a typed array. */
export function columnOf(cells: readonly Cell[]): Column {
  return cells.every((cell) => typeof cell === "number") ? new Float64Array(cells) : cells;
}

/** Rows to score. Column order is the sender's. */
export interface FeaturesFrame {
  readonly ids: Ids;
  readonly columns: ReadonlyMap<string, Column>;
  /**
   * When each row happened, in whole ms since 1970, shape [n]; NaN for a row that does not say. Left out if no row says: such rows
   * happened when their message left the source, as far as anyone knows.
   */
  readonly eventTimes?: Float64Array | undefined;
  /**
   * Whether the cells are those of a text file, whose reader did not know what the model takes: a number stands for its own spelling
   * (59 for `59`), and a text may be a number (`59.0`, `01234`). The model's inputs decide. Otherwise a number is a number and a text a text.
   */
  readonly asWritten?: boolean;
  /** Of cells as written, the columns whose numbers stand for Python's spelling of a float: 59 for `59.0`. */
  readonly pythonFloats?: ReadonlySet<string> | undefined;
}

/** Labels that were sent before are corrected on purpose. */
export interface Correction {
  /** Who corrects them, as the sender says. */
  readonly who: string;
  /** When they were corrected, ms since 1970; undefined if the message does not say. A later correction of an id takes the place of an earlier one. */
  readonly at?: number | undefined;
}

/** True values, in the target's unit. */
export interface LabelFrame {
  readonly ids: Ids;
  /** Shape [n]; finite. */
  readonly y_true: Float64Array;
  /** Left out unless these labels correct earlier ones. */
  readonly correction?: Correction | undefined;
}

/** What a model's absolute errors were on rows that it was not fitted on, in the target's unit. */
export interface HeldOutError {
  readonly rows: number;
  /** Above 0. */
  readonly mae: number;
  /** Their standard deviation; 0 if it is not known. */
  readonly sd: number;
}

/** The bins of rows. */
export interface RowCodes {
  readonly layout: CodeLayout;
  /** Shape [rows, columns of the layout], row-major. */
  readonly bytes: Uint8Array;
  /** Shape [rows]: a JSON array of the texts of a row that the reference does not have, null if there are none. Undefined if no row has any. */
  readonly unseen?: readonly (string | null)[] | undefined;
}

/** Codes as a table has them: so many bytes a row. */
export interface CodeBytes {
  readonly bytes: Uint8Array;
  readonly width: number;
}

/** What a model said, in the target's unit. */
export interface PredictionFrame {
  readonly ids: Ids;
  /** Shape [n]; finite. */
  readonly y_pred: Float64Array;
  /** The event times of the rows, as the features frame gave them. */
  readonly eventTimes?: Float64Array | undefined;
  /** The interval that is announced with each is y_pred ± half width: at least 0, NaN for a row without one. Left out if no row has one. */
  readonly halfWidths?: Float64Array | undefined;
  /** The bins of the rows' features and of y_pred. Left out if the model has no reference. */
  readonly codes?: RowCodes | undefined;
  /** The model's name and version. */
  readonly model: string;
  /** The target's unit; empty if the model does not say. */
  readonly unit: string;
  /** Left out if the model does not say. */
  readonly heldOut?: HeldOutError | undefined;
}

/** What could be read of a message: a frame of its good rows, and why the others are not in it. */
export interface Read<F> {
  readonly frame: F;
  readonly refusals: readonly Refusal[];
  /** Where the frame's rows stood in the message, if some of those were left out. */
  readonly positions?: readonly number[];
}

/** Nothing of a message can be used. */
export class FrameRefusedError extends Error {
  override readonly name = "FrameRefusedError";
  readonly refusal: Refusal;

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(refusal.reason, options);
    this.refusal = refusal;
  }
}

/** The version of the contracts; a message without one is taken as this one. */
export const CONTRACT_VERSION = 1;

/** Headers of a frame. */
export const FRAME_HEADER = {
  /** The contract's version. */
  version: "contract",
  /** When its oldest row left the source, ms since 1970. */
  origin: "origin",
  /** The model and version of a prediction frame. */
  model: "model",
  /** The unit of its values. */
  unit: "unit",
  /** The error of that model on rows that it was not fitted on, as JSON. */
  heldOut: "held-out",
  /** Of predictions: the reference that their codes belong to, and what each code is of; see `CodeLayout`. */
  codes: "codes",
  /** How the cells of a features frame are meant: `as-written`, or left out. */
  cells: "cells",
  /** Columns of such cells whose numbers Python wrote as floats, as a JSON array. */
  pythonFloats: "python-floats",
  /** Whether labels correct earlier ones: 1, or left out. */
  correction: "correction",
  /** Who corrects them. */
  who: "who",
} as const;

export const MAX_ID_CHARACTERS = 128;
/** More rows than this in one message would make steps of seconds in what is a stream. */
export const MAX_FRAME_ROWS = 65_536;
