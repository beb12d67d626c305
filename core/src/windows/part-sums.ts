import type { LabelledRow } from "./labelled-row.js";

/** Sums of one model version, or of one tenth. */
export interface PartSums {
  predicted: number;
  labelled: number;
  absolute: number;
  squared: number;
}

export const newSums = (): PartSums => ({ predicted: 0, labelled: 0, absolute: 0, squared: 0 });

/** The share of a term below which what is left of a sum without it has lost its digits. */
const LEAST_LEFT = 2 ** -30;

/** Counts a row. */
export function countIn(sums: PartSums, absolute: number, squared: number): void {
  sums.labelled += 1;
  sums.absolute += absolute;
  sums.squared += squared;
}

/** Counts a row with another label than it was counted with. A sum that lost its digits with the old one is NaN. */
export function replaceIn(sums: PartSums, before: LabelledRow, after: LabelledRow): void {
  const { labelled, absolute, squared } = sums;
  sums.absolute = after.error.absolute + (labelled === 1 ? 0 : withoutTerm(absolute, before.error.absolute));
  sums.squared = after.squared + (labelled === 1 ? 0 : withoutTerm(squared, before.squared));
}

/** NaN if what is left has lost its digits. */
function withoutTerm(sum: number, term: number): number {
  const left = sum - term;
  return left < LEAST_LEFT * term ? Number.NaN : left;
}

/** If a sum of just one part is lost, it is what the other parts leave of the whole's. */
export function findLost(parts: readonly PartSums[], whole: Pick<PartSums, "absolute" | "squared">): void {
  for (const name of ["absolute", "squared"] as const) {
    const [lost, ...more] = parts.filter((sums) => Number.isNaN(sums[name]));
    if (lost === undefined || more.length > 0) continue;
    const others = parts.reduce((sum, each) => (each === lost ? sum : sum + each[name]), 0);
    lost[name] = withoutTerm(whole[name], others);
  }
}

/** Adds the sums of other rows. */
export function addTo(sums: PartSums, { labelled, absolute, squared }: Omit<PartSums, "predicted">): void {
  sums.labelled += labelled;
  sums.absolute += absolute;
  sums.squared += squared;
}
