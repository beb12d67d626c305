import type { CsvFault } from "./csv-refused-error.js";

/** Names of separators that are no commas. A blank is tried last: names may have some. */
const SEPARATORS: ReadonlyMap<string, string> = new Map([
  [";", "semicolons"],
  ["\t", "tabs"],
  ["|", "vertical bars"],
]);
const BLANK = " ";
/** Rows that are looked at for decimal commas. */
const ROWS = 20;
/** The line that names the separator for Excel. */
const DECLARED = /^"?sep=(.)"?$/i;
const DECIMAL_COMMA = /^[+-]?(\d+|\d{1,3}(\.\d{3})+),\d+(e[+-]?\d+)?$/i;

/**
 * Why a file does not separate its cells by commas; undefined if it does. The remedy is a command that converts it and keeps its
 * numbers what they are.
 *
 * @param sample - its beginning, without a byte order mark.
 */
export function separatorFault(sample: string): CsvFault | undefined {
  const [first = "", ...others] = sample.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const [, declared] = DECLARED.exec(first.trim()) ?? [];
  const [header = "", ...rows] = declared === undefined ? [first, ...others] : others;
  const separator = declared ?? separatorOf(header, rows[0]);
  if (separator === undefined) return undefined;
  const skipped = declared === undefined ? [] : [`the line ${first.trim()}, which is for Excel`];
  const decimal = rows.slice(0, ROWS).some((row) => cellsOf(row, separator).some((cell) => DECIMAL_COMMA.test(cell)));
  if (separator === ",")
    return { code: "separator", problem: `begins with ${skipped.join("")}`, remedy: "take that line out: tail -n +2 IN.csv > OUT.csv" };
  const name = separator === BLANK ? "blanks" : (SEPARATORS.get(separator) ?? JSON.stringify(separator));
  const parts = [
    ...skipped.map((line) => `begins with ${line}`),
    `separates its cells by ${name}`,
    ...(decimal && separator !== "." ? ["writes decimal commas"] : []),
  ];
  const wanted = decimal ? "commas and decimal points" : "commas";
  return {
    code: "separator",
    problem: parts.length < 3 ? parts.join(" and ") : `${parts[0]}, ${parts[1]} and ${parts[2]}`,
    remedy: `convert it to ${wanted}: ${conversion(separator, { decimal, skipFirst: declared !== undefined })}`,
  };
}

/** The separator of a header that has no commas, or less of these than of it; undefined for commas, and for one column. */
function separatorOf(header: string, row: string | undefined): string | undefined {
  const count = (line: string, separator: string) => cellsOf(line, separator).length - 1;
  const commas = count(header, ",");
  for (const separator of SEPARATORS.keys()) {
    const inHeader = count(header, separator);
    if (inHeader > commas && (row === undefined || count(row, separator) >= Math.min(inHeader, 1 + commas))) return separator;
  }
  const words = count(header, BLANK);
  return commas === 0 && words > 0 && row !== undefined && count(row, BLANK) === words ? BLANK : undefined;
}

/** The cells of a line, without the quotes around them; quotes with a separator in them count as one cell. */
function cellsOf(line: string, separator: string): string[] {
  if (separator === BLANK) return line.trim().split(/ +/);
  const kept = line.replaceAll(/"[^"]*"/g, (quoted) => quoted.slice(1, -1).replaceAll(separator, ""));
  return kept.split(separator).map((cell) => cell.trim());
}

/** A command for a shell that reads such a file and writes it with commas. Double quotes around it work in every shell. */
function conversion(separator: string, { decimal, skipFirst }: { readonly decimal: boolean; readonly skipFirst: boolean }): string {
  const source = skipFirst ? "list(sys.stdin)[1:]" : "sys.stdin";
  const rows =
    separator === BLANK ? `map(str.split,${source})` : `csv.reader(${source},delimiter=${separator === "\t" ? "'\\t'" : `'${separator}'`})`;
  const point = "c.replace('.','').replace(',','.') if re.fullmatch('[+-]?[0-9.]*[0-9],[0-9]+([eE][+-]?[0-9]+)?',c.strip()) else c";
  const written = decimal ? `[${point} for c in r] for r in ${rows}` : `r for r in ${rows}`;
  return `python3 -c "import csv,re,sys; csv.writer(sys.stdout).writerows(${written})" < IN.csv > OUT.csv`;
}
