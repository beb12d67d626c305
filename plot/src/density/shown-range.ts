import { AxisCells } from "./axis-cells.js";

/** How many times its width beyond a core values may lie before the axis leaves them out. Gaussian ones of a million rows do not. */
const FAR_BEYOND = 1.5;
/** How many times its width an axis that leaves values out shows values beyond the core. */
const MARGIN = 0.5;

/** Where an axis begins and ends, in scales from the centre of its cells. */
export interface ShownRange {
  readonly low: number;
  readonly high: number;
}

/** How often each cell of one direction occurs. */
export type Marginal = ReadonlyMap<number, number>;

/**
 * The range that holds all values, unless a few lie so far out that they would squash the others.
 *
 * @returns undefined if no value is within the doubles.
 */
export function shownRange(marginal: Marginal, level: number): ShownRange | undefined {
  const cells = [...marginal].filter(([cell]) => !AxisCells.isBeyond(cell, level)).sort(([one], [other]) => one - other);
  const [first, last] = [cells[0], cells.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const all = { low: AxisCells.edge(first[0], level), high: AxisCells.edge(last[0] + 1, level) };
  const count = cells.reduce((sum, [, each]) => sum + each, 0);
  const coreWithout = (share: number): ShownRange => ({
    low: AxisCells.edge(cellAt(cells, Math.floor(share * (count - 1))), level),
    high: AxisCells.edge(cellAt(cells, Math.ceil((1 - share) * (count - 1))) + 1, level),
  });
  const [wide, narrow] = [coreWithout(0.01), coreWithout(0.05)];
  const farBeyond = (end: number, core: ShownRange) => Math.max(end - core.high, core.low - end) > FAR_BEYOND * (core.high - core.low);
  const endOf = (side: "low" | "high"): number => {
    const core = farBeyond(wide[side], narrow) ? narrow : farBeyond(all[side], wide) ? wide : undefined;
    if (core === undefined) return all[side];
    const margin = MARGIN * (core.high - core.low);
    const edges = cells.map(([cell]) => AxisCells.edge(side === "low" ? cell : cell + 1, level));
    const outermost =
      side === "low" ? edges.find((edge) => edge >= core.low - margin) : edges.findLast((edge) => edge <= core.high + margin);
    return outermost ?? core[side];
  };
  return { low: endOf("low"), high: endOf("high") };
}

/** The cell of the value with a rank. */
function cellAt(cells: readonly (readonly [cell: number, count: number])[], rank: number): number {
  let below = 0;
  for (const [cell, count] of cells) {
    below += count;
    if (below > rank) return cell;
  }
  return cells.at(-1)?.[0] ?? 0;
}
