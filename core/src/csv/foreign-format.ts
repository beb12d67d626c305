import type { CsvFault } from "./csv-refused-error.js";

/** A format that is no CSV: how it begins, and how a file in it becomes CSV. */
interface Format {
  readonly name: string;
  readonly begins: readonly (string | readonly number[])[];
  /** Whether a header could begin so too, as `ORCID,age` does: then only bytes that are no text say that it is this format. */
  readonly isWord?: boolean;
  readonly remedy: string;
}

const withPandas = (read: string) => `convert it, with pandas: pd.${read}("IN").to_csv("OUT.csv", index=False)`;
const asSheet = "open it in the spreadsheet program and save the sheet as CSV UTF-8, with commas";

/** By the bytes at the beginning; the longer ones first if one is the beginning of another. */
const FORMATS: readonly Format[] = [
  { name: "compressed with gzip", begins: [[0x1f, 0x8b]], remedy: "unpack it first: gunzip -c IN > OUT.csv" },
  { name: "compressed with zstd", begins: [[0x28, 0xb5, 0x2f, 0xfd]], remedy: "unpack it first: zstd -dc IN > OUT.csv" },
  { name: "compressed with bzip2", begins: ["BZh"], isWord: true, remedy: "unpack it first: bunzip2 -c IN > OUT.csv" },
  { name: "compressed with xz", begins: [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], remedy: "unpack it first: xz -dc IN > OUT.csv" },
  { name: "an Excel file (xls)", begins: [[0xd0, 0xcf, 0x11, 0xe0]], remedy: asSheet },
  { name: "a Parquet file", begins: ["PAR1"], isWord: true, remedy: withPandas("read_parquet") },
  { name: "an Arrow file (Feather)", begins: ["ARROW1", "FEA1"], isWord: true, remedy: withPandas("read_feather") },
  {
    name: "an Arrow stream",
    begins: [[0xff, 0xff, 0xff, 0xff]],
    remedy: 'write it as CSV, with pyarrow: pyarrow.csv.write_csv(table, "OUT.csv")',
  },
  { name: "an ORC file", begins: ["ORC"], isWord: true, remedy: withPandas("read_orc") },
  { name: "an HDF5 file", begins: [[0x89, 0x48, 0x44, 0x46]], remedy: withPandas("read_hdf") },
  {
    name: "a file of NumPy",
    begins: [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
    remedy: 'write it as CSV, with numpy: np.savetxt("OUT.csv", array, delimiter=",", header="a,b,c", comments="")',
  },
  {
    name: "a SQLite database",
    begins: ["SQLite format 3"],
    remedy: 'export a table: sqlite3 -header -csv IN "select * from TABLE" > OUT.csv',
  },
  { name: "a PDF", begins: ["%PDF-"], remedy: "get the table as CSV" },
];

/** Why the beginning of a file is that of another format than CSV; undefined if it may be CSV. @param whole - whether it is all of it. */
export function formatFault(bytes: Buffer): CsvFault | undefined {
  const format = FORMATS.find(
    ({ begins, isWord = false }) => begins.some((magic) => startsWith(bytes, magic)) && !(isWord && isText(bytes.subarray(0, 4096))),
  );
  if (format !== undefined) return { code: "format", problem: `is ${format.name}, not CSV`, remedy: format.remedy };
  if (startsWith(bytes, "PK\x03\x04") || startsWith(bytes, "PK\x05\x06")) return zipFault(bytes);
  return wideFault(bytes) ?? textFault(bytes.toString("latin1", 0, 1024));
}

/** Whether these bytes have no control characters but tabs and line breaks. */
function isText(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
}

function startsWith(bytes: Buffer, magic: string | readonly number[]): boolean {
  const wanted = typeof magic === "string" ? Buffer.from(magic, "latin1") : Buffer.from(magic);
  return bytes.length >= wanted.length && bytes.subarray(0, wanted.length).equals(wanted);
}

function zipFault(bytes: Buffer): CsvFault {
  // The first member of a workbook is named near its beginning.
  const names = bytes.toString("latin1", 0, 4096);
  if (names.includes("[Content_Types].xml") || names.includes("xl/") || names.includes("_rels/"))
    return { code: "format", problem: "is an Excel file (xlsx), not CSV", remedy: asSheet };
  if (names.includes("opendocument.spreadsheet"))
    return { code: "format", problem: "is an OpenDocument file (ods), not CSV", remedy: asSheet };
  return { code: "format", problem: "is a zip archive, not CSV", remedy: "unpack it first: unzip -p IN > OUT.csv" };
}

const NUL = 0;

/** UTF-16 and UTF-32, by their mark or by where their zeros are, and what has zeros for another reason. */
function wideFault(bytes: Buffer): CsvFault | undefined {
  const encoding = markedEncoding(bytes) ?? zeroedEncoding(bytes.subarray(0, 4096));
  if (encoding !== undefined)
    return {
      code: "encoding",
      problem: `is in ${encoding}`,
      remedy: `save it in UTF-8: iconv -f ${encoding} -t UTF-8 IN.csv > OUT.csv`,
    };
  if (bytes.subarray(0, 4096).includes(NUL)) return { code: "format", problem: "is binary, not CSV", remedy: "give a CSV file in UTF-8" };
  return undefined;
}

function markedEncoding(bytes: Buffer): string | undefined {
  if (startsWith(bytes, [0xff, 0xfe, 0, 0])) return "UTF-32LE";
  if (startsWith(bytes, [0, 0, 0xfe, 0xff])) return "UTF-32BE";
  if (startsWith(bytes, [0xff, 0xfe])) return "UTF-16LE";
  return startsWith(bytes, [0xfe, 0xff]) ? "UTF-16BE" : undefined;
}

/** The encoding in which text that is mostly ASCII has its zeros where these are. */
function zeroedEncoding(bytes: Buffer): string | undefined {
  if (bytes.length < 4 || !bytes.includes(NUL)) return undefined;
  // In a header the separators and blanks at least are ASCII; others need not be.
  const zeros = [0, 1, 2, 3].map((phase) => shareOfZeros(bytes, phase));
  const [z0 = 0, z1 = 0, z2 = 0, z3 = 0] = zeros;
  const [most, none] = [0.5, 0.05];
  if (z1 > 0.9 && z2 > 0.9 && z3 > most && z0 < none) return "UTF-32LE";
  if (z0 > most && z1 > 0.9 && z2 > 0.9 && z3 < none) return "UTF-32BE";
  if (z1 > most && z3 > most && z0 < none && z2 < none) return "UTF-16LE";
  if (z0 > most && z2 > most && z1 < none && z3 < none) return "UTF-16BE";
  return undefined;
}

function shareOfZeros(bytes: Buffer, phase: number): number {
  let [zeros, all] = [0, 0];
  for (let at = phase; at < bytes.length; at += 4) {
    all += 1;
    if (bytes[at] === NUL) zeros += 1;
  }
  return zeros / all;
}

/** What is text, and not CSV. */
function textFault(start: string): CsvFault | undefined {
  const text = start.replace(/^\xef\xbb\xbf/, "").trimStart();
  const fault = (name: string, remedy: string): CsvFault => ({ code: "format", problem: `is ${name}, not CSV`, remedy });
  if (text.startsWith("version https://git-lfs.github.com/"))
    return fault("a Git LFS pointer", "get the file that it points to: git lfs pull");
  if (/^<(!doctype html|html|head|body)\b/i.test(text))
    return fault("a web page (HTML)", "get the file itself: its address may want a login, or lead to a page about it");
  if (/^<\?xml\b/i.test(text)) return fault("XML", "save it as CSV");
  if (/^(\{\s*("|\}|$)|\[\s*[[{\]])/.test(text))
    return fault("JSON", 'convert it, with pandas: pd.read_json("IN").to_csv("OUT.csv", index=False)');
  return undefined;
}
