import Type from "typebox";
import { SavedFormat } from "../runtime/saved-value.js";
import { SavedExactSumSchema, type SavedExactSum } from "../statistics/saved-exact-sum.js";
import { UnseenNameSchema, type UnseenName } from "./unseen-names.js";

/** Sums of a bin: of e, |e| and e² of its labelled rows, e = y_pred − y_true. */
export const BIN_SUMS = 3;

/** The rows of one bin of a feature. */
export interface SavedBin {
  readonly bin: number;
  readonly predicted: number;
  readonly labelled: number;
  /** Σe, Σ|e|, Σe², exactly; none without labels. */
  readonly sums: readonly SavedExactSum[];
}

/** One column of codes. */
export interface SavedColumn {
  /** Those with rows, ascending. */
  readonly bins: readonly SavedBin[];
  /** Of a feature with texts: what the reference does not have. */
  readonly unseen: readonly UnseenName[];
}

/** Labelled rows of two features together: all, or a sample that is chosen by their ids. */
export interface SavedPairCell {
  /** Of the first and of the second feature; see `pairGroups`. */
  readonly groups: readonly [number, number];
  readonly labelled: number;
  readonly sums: readonly SavedExactSum[];
}

export interface SavedFeaturePair {
  /** Which columns, the first one before the second. */
  readonly columns: readonly [number, number];
  readonly cells: readonly SavedPairCell[];
}

/** The rows of an hour of event time by the bins of their features: those of one model version with codes of one layout. */
export interface SavedFeatureWindow {
  readonly version: 1;
  /** Where the hour begins, ms since 1970. */
  readonly start: number;
  /** Name and version; empty if the predictions have none. */
  readonly model: string;
  /** See `CodeLayout`: it begins with the hash of the reference. */
  readonly layout: string;
  /** Grows with each commit that changes it. */
  readonly revision: number;
  readonly predicted: number;
  readonly labelled: number;
  /** No |e| that any label gave is larger; left out if that is not known, as in windows of earlier versions. */
  readonly peak?: number | undefined;
  /** In the order of the layout. */
  readonly columns: readonly SavedColumn[];
  readonly pairs: readonly SavedFeaturePair[];
}

const count = Type.Integer({ minimum: 0 });
const sums = Type.Array(SavedExactSumSchema, {
  maxItems: BIN_SUMS,
  description: "Σe, Σ|e|, Σe² of e = y_pred − y_true, exactly: -1f3p-52 is −0x1f3 · 2^−52; none without labels.",
});
const two = Type.Tuple([count, count]);

export const SavedFeatureWindowSchema = Type.Object(
  {
    version: Type.Literal(1),
    start: Type.Integer({ description: "Where the hour begins, ms since 1970." }),
    model: Type.String({ description: "The model version." }),
    layout: Type.String({
      description: "The hash of the reference; then, for each column of codes, n (numbers), t (texts) or y (y_pred) and its bins.",
    }),
    revision: Type.Integer({ minimum: 0, description: "Grows with each commit that changes it." }),
    predicted: count,
    labelled: count,
    peak: Type.Optional(Type.Number({ minimum: 0, description: "No |e| that any label gave is larger; left out if that is not known." })),
    columns: Type.Array(
      Type.Object({
        bins: Type.Array(Type.Object({ bin: count, predicted: count, labelled: count, sums })),
        unseen: Type.Array(UnseenNameSchema),
      }),
      { description: "Rows by the bins of each feature and of y_pred." },
    ),
    pairs: Type.Array(Type.Object({ columns: two, cells: Type.Array(Type.Object({ groups: two, labelled: count, sums })) }), {
      description: "Labelled rows by groups of bins of two features together: all, or a sample that is chosen by their ids.",
    }),
  } satisfies Record<keyof SavedFeatureWindow, unknown>,
  { description: "The rows of an hour by the bins of their features: of one model version." },
);

export const FEATURE_WINDOW_FORMAT = new SavedFormat<SavedFeatureWindow>({
  what: "A window of features",
  version: 1,
  schema: SavedFeatureWindowSchema,
  upgrades: {},
});
