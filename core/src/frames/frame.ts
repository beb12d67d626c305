import type { Refusal } from "../refusal.js";
import type { Ids } from "./ids.js";

/** One value of a feature as it arrived: a number, a category, or missing. What is acceptable, the model says. */
export type Cell = number | string | null;

/** A column of a frame, shape [n]. A typed array holds finite numbers only. */
export type Column = Float64Array | readonly Cell[];

/** Rows to score. Column order is the sender's. */
export interface FeaturesFrame {
  readonly ids: Ids;
  readonly columns: ReadonlyMap<string, Column>;
}

/** True values, in the target's unit. */
export interface LabelFrame {
  readonly ids: Ids;
  /** Shape [n]; finite. */
  readonly y_true: Float64Array;
}

/** What a model said, in the target's unit. */
export interface PredictionFrame {
  readonly ids: Ids;
  /** Shape [n]; finite. */
  readonly y_pred: Float64Array;
  /** The model's name and version. */
  readonly model: string;
  /** The target's unit; empty where the model does not say. */
  readonly unit: string;
}

/** What could be read of a message: a frame of its good rows, and why the others are not in it. */
export interface Read<F> {
  readonly frame: F;
  readonly refusals: readonly Refusal[];
  /** Where the frame's rows stood in the message, where some of those were left out. */
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

/** How a frame is written. */
export type FrameFormat = "json" | "arrow";

export const JSON_TYPE = "application/json";
export const ARROW_TYPE = "application/vnd.apache.arrow.stream";

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
} as const;

export const MAX_ID_CHARACTERS = 128;
/** More rows than this in one message would make steps of seconds in what is a stream. */
export const MAX_FRAME_ROWS = 65_536;
