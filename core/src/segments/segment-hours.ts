import { CodeLayout, doubleOf, PAIR_GROUPS, type SavedBin, type SavedFeatureWindow, type SavedPairCell } from "../drift/index.js";
import { emptySums, type BinSums, type SegmentHour } from "./bin-sums.js";

/** The sums of an hour, in doubles: each is rounded once. Of a layout that cannot be read, none. */
export function segmentHour({
  layout,
  columns,
  pairs,
  peak = Infinity,
}: Pick<SavedFeatureWindow, "layout" | "columns" | "pairs" | "peak">): SegmentHour {
  const coded = CodeLayout.read(layout)?.columns ?? [];
  return {
    peak,
    columns: coded.map(({ bins }, column) => {
      const sums = emptySums(bins);
      for (const saved of columns[column]?.bins ?? []) put(sums, saved.bin, saved);
      return sums;
    }),
    pairs: pairs.map((pair) => {
      const sums = emptySums(PAIR_GROUPS * PAIR_GROUPS);
      for (const cell of pair.cells) put(sums, cell.groups[0] * PAIR_GROUPS + cell.groups[1], cell);
      return { columns: pair.columns, width: PAIR_GROUPS, sums };
    }),
  };
}

function put(sums: BinSums, bin: number, { labelled, sums: saved }: SavedBin | SavedPairCell): void {
  const [errors = 0, absolute = 0, squares = 0] = saved.map(doubleOf);
  sums.rows[bin] = labelled;
  sums.errors[bin] = errors;
  sums.absolute[bin] = absolute;
  sums.squares[bin] = squares;
}
