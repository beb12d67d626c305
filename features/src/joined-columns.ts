import { areSpelledAlike, spelledOut, type Cell, type Column, type WrittenColumns } from "@streamgauge/core";

/**
 * The columns of consecutive rows as those of one frame. A column that Python wrote in some of them stays numbers if all of its numbers are
 * spelled as Python does; otherwise all are spelled out.
 */
export function joinedColumns(parts: readonly WrittenColumns[]): WrittenColumns {
  const [head, ...others] = parts;
  if (head === undefined || others.length === 0) return head ?? { columns: new Map() };
  const columns = new Map<string, Column>();
  const pythonFloats = new Set<string>();
  for (const name of head.columns.keys()) {
    const isPython = parts.map((part) => part.pythonFloats?.has(name) === true);
    const pieces = parts.map((part) => part.columns.get(name) ?? []);
    const areFloats = isPython.includes(true) && pieces.every((piece, i) => isPython[i] === true || areSpelledAlike(piece));
    if (areFloats) pythonFloats.add(name);
    columns.set(name, joined(areFloats ? pieces : pieces.map((piece, i) => (isPython[i] === true ? spelledOut(piece) : piece))));
  }
  return pythonFloats.size === 0 ? { columns } : { columns, pythonFloats: sameAs(head.pythonFloats, pythonFloats) };
}

/** The known set if it has the same names: its header is made once. */
function sameAs(known: ReadonlySet<string> | undefined, names: ReadonlySet<string>): ReadonlySet<string> {
  return known?.size === names.size && [...names].every((name) => known.has(name)) ? known : names;
}

function joined(pieces: readonly Column[]): Column {
  const numbers = pieces.filter((piece) => piece instanceof Float64Array);
  if (numbers.length === pieces.length) return joinedNumbers(numbers);
  return pieces.flatMap((piece) => Array.from<Cell>(piece));
}

export function joinedNumbers(pieces: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
