/** A table of texts; the first column is a name, the others are figures. */
export interface Table {
  readonly title: string;
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What must be known to read it, one sentence each. */
  readonly notes?: readonly string[];
}

/** As lines for a terminal. */
export function plainTable({ title, header, rows, notes = [] }: Table): string {
  const widths = widthsOf([header, ...rows]);
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => pad(cell, widths[i] ?? 0, i))
      .join("  ")
      .trimEnd();
  return [title, "", line(header), ...rows.map(line), ...notes, ""].join("\n");
}

/** As Markdown that prettier leaves as it is. */
export function markdownTable({ title, header, rows, notes = [] }: Table): string {
  const escaped = [header, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = widthsOf(escaped).map((width) => Math.max(3, width));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, i) => pad(cell, widths[i] ?? 0, i)).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  const [head = [], ...body] = escaped;
  return [`### ${title}`, "", line(head), rule, ...body.map(line), "", ...notes.flatMap((note) => [note, ""])].join("\n");
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
