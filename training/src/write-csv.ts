/**
 * @param records - header and rows, [rows][columns].
 * @returns CSV by RFC 4180 with `\n`: a cell is quoted when it has a comma, a quote or a line break, and otherwise
 * stays the text it was.
 */
export function writeCsv(records: readonly (readonly string[])[]): string {
  return records.map((cells) => `${cells.map(quotedWhereNeeded).join(",")}\n`).join("");
}

function quotedWhereNeeded(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
