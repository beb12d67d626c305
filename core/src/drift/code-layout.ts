import { MISSING, UNSEEN } from "./feature-bins.js";

/** What a column of codes holds: the bins of a feature with numbers, of one with texts, or of the predictions. */
export type CodedValues = "number" | "text" | "y_pred";

/** The codes of one feature, or of the predictions. */
export interface CodeColumn {
  readonly of: CodedValues;
  /** How many bins there are, those of missing values and of values that the reference does not have included: codes are below. */
  readonly bins: number;
}

/** Bins of a pair of features are counted together in so many groups: missing, below (other texts), five of equal width in bins, above (unseen). */
export const PAIR_GROUPS = 8;
const [FIRST_GROUP, OWN_GROUPS, LAST_GROUP] = [2, 5, 7];
/** The features whose pairs are counted: the first ones of a layout. */
export const PAIRED_FEATURES = 8;
/** Bins of a feature that are not its reference's own. */
const OTHER_BINS = 3;

const LETTERS = { number: "n", text: "t", y_pred: "y" } as const;
const LAYOUT = /^[0-9a-f]{12}(?: [nty](?:[4-9]|[1-5][0-9])){1,65}$/;

/**
 * What the codes of a row mean: which reference they belong to, and what each of them is of. As text, `0cba33ef67f1 n23 t5 y23`, it goes with each
 * message of predictions, so that codes can be counted before the reference itself is known. The features are in the order of their importance.
 */
export class CodeLayout {
  /** See above; equal layouts have equal texts. */
  readonly text: string;
  /** The hash of the reference. */
  readonly reference: string;
  /** In the order of a row's codes. */
  readonly columns: readonly CodeColumn[];

  constructor(reference: string, columns: readonly CodeColumn[]) {
    this.reference = reference;
    this.columns = columns;
    this.text = [reference, ...columns.map(({ of, bins }) => `${LETTERS[of]}${bins}`)].join(" ");
  }

  /** @returns undefined if the text is no layout. */
  static read(text: string): CodeLayout | undefined {
    if (!LAYOUT.test(text)) return undefined;
    const [reference = "", ...columns] = text.split(" ");
    return new CodeLayout(
      reference,
      columns.map((column) => ({ of: valuesOf(column), bins: Number(column.slice(1)) })),
    );
  }

  /** Codes of a row. */
  get width(): number {
    return this.columns.length;
  }

  /** How many of the first columns are counted in pairs. */
  get paired(): number {
    return Math.min(PAIRED_FEATURES, this.columns.filter(({ of }) => of !== "y_pred").length);
  }
}

function valuesOf(column: string): CodedValues {
  if (column.startsWith(LETTERS.text)) return "text";
  return column.startsWith(LETTERS.y_pred) ? "y_pred" : "number";
}

/** The columns in which a row has a text that the reference does not have. @param at - where its codes begin. */
export function unseenColumns({ columns }: CodeLayout, codes: Uint8Array, at: number): number[] {
  const all = columns.map((_, column) => column);
  return all.filter((column) => columns[column]?.of === "text" && codes[at + column] === UNSEEN);
}

/** The group of each bin, when pairs of features are counted; shape [bins]. */
export function pairGroups({ of, bins }: CodeColumn): Uint8Array {
  const own = bins - OTHER_BINS;
  return Uint8Array.from({ length: bins }, (_, code) => {
    if (code === MISSING) return 0;
    if (of === "text") return code === UNSEEN ? LAST_GROUP : code < UNSEEN ? 1 : FIRST_GROUP + Math.min(code - UNSEEN - 1, OWN_GROUPS - 1);
    if (code === bins - 1) return LAST_GROUP;
    return code < FIRST_GROUP ? 1 : FIRST_GROUP + Math.floor(((code - FIRST_GROUP) * Math.min(OWN_GROUPS, own)) / own);
  });
}
