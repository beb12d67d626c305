import { gzipSync } from "node:zlib";

/** A file with the columns id, a and y_true that is unusual and yet CSV, and what every reader of CSV makes of it. */
export interface UnusualFile {
  readonly name: string;
  readonly bytes: Buffer;
  /** id, a and y_true of each row. */
  readonly rows: readonly (readonly [id: string, a: number, yTrue: number])[];
  /** A line that is refused by itself, and why. */
  readonly broken?: readonly [line: number, problem: string];
}

/** A file that no reader takes, and what is said of it. */
export interface ForeignFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly problem: string;
  readonly remedy: string;
}

const TWO = [
  ["p1", 1, 10],
  ["p2", 2, 20],
] as const;
const unusual = (name: string, text: string | Buffer, rows: UnusualFile["rows"] = TWO, broken?: UnusualFile["broken"]): UnusualFile => ({
  name,
  bytes: Buffer.from(text),
  rows,
  ...(broken === undefined ? {} : { broken }),
});

/** Files that are read. The table is run against the dataset, the gateway, its jobs, `score` and `train`. */
export const UNUSUAL_FILES: readonly UnusualFile[] = [
  unusual("a header that ends with \\n over rows that end with \\r\\n", "id,a,y_true\np1,1,10\r\np2,2,20\r\n"),
  unusual("\\r\\n, then \\n", "id,a,y_true\r\np1,1,10\r\np2,2,20\n"),
  unusual("lines that end with \\r", "id,a,y_true\rp1,1,10\rp2,2,20\r"),
  unusual("all three line ends", "id,a,y_true\r\np1,1,10\rp2,2,20\n"),
  unusual("the id in the last column, a header that ends with \\n, rows with \\r\\n", "y_true,a,id\n10,1,p1\r\n20,2,p2\r\n"),
  unusual("no line end at its end, empty lines, a byte order mark", "\ufeffid,a,y_true\n\np1,1,10\n\r\np2,2,20"),
  unusual("line breaks in quotes", 'id,a,y_true\n"p\r\n1",1,10\n"p\r2",2,20\n', [
    ["p\r\n1", 1, 10],
    ["p\r2", 2, 20],
  ]),
  unusual("blanks around names and numbers", "id, a , y_true\np1, 1, 10\np2,\t2 ,20 \n"),
  unusual("blanks around names in quotes", '"id"," a","y_true "\np1,1,10\np2,2,20\n'),
  unusual("numbers in other spellings", "id,a,y_true\np1,1.0,1e1\np2,+02,20.\n"),
  unusual("a row that is too long", "id,a,y_true\np1,1,10\np3,3,30,\np2,2,20\n", TWO, [3, "it has 4 cells, the header has 3"]),
  unusual("a row that is too short", "id,a,y_true\r\np1,1,10\r\np3\r\np2,2,20\r\n", TWO, [3, "it has 1 cell, the header has 3"]),
  unusual("a quote that is never closed", 'id,a,y_true\np1,1,10\np2,2,20\n"p3,3,30\n', TWO, [4, "a quote in it is never closed"]),
  unusual("a row in latin-1", Buffer.from("id,a,y_true\np1,1,10\np2,2,20\np\xe9,3,30\n", "latin1"), TWO, [4, "it is not in UTF-8"]),
];

const asSheet = "open it in the spreadsheet program and save the sheet as CSV UTF-8, with commas";
const TEXT = "id,a,y_true\np1,1,10\np2,2,20\n";
const iconv = (encoding: string) => ({
  problem: `is in ${encoding}`,
  remedy: `save it in UTF-8: iconv -f ${encoding} -t UTF-8 IN.csv > OUT.csv`,
});

function utf32(text: string, littleEndian: boolean): Buffer {
  const bytes = Buffer.alloc(4 * text.length);
  for (const [i, character] of Array.from(text).entries()) {
    const code = character.codePointAt(0) ?? 0;
    if (littleEndian) bytes.writeUInt32LE(code, 4 * i);
    else bytes.writeUInt32BE(code, 4 * i);
  }
  return bytes;
}

const point = "c.replace('.','').replace(',','.') if re.fullmatch('[+-]?[0-9.]*[0-9],[0-9]+([eE][+-]?[0-9]+)?',c.strip()) else c";
const python = (rows: string) => `python3 -c "import csv,re,sys; csv.writer(sys.stdout).writerows(${rows})" < IN.csv > OUT.csv`;

/** Files that are refused whole. The table is run against the dataset, the gateway, its jobs, `score` and `train`. */
export const FOREIGN_FILES: readonly ForeignFile[] = [
  { name: "UTF-16 with a mark", bytes: Buffer.from(`\ufeff${TEXT}`, "utf16le"), ...iconv("UTF-16LE") },
  { name: "UTF-16 without a mark", bytes: Buffer.from(TEXT, "utf16le"), ...iconv("UTF-16LE") },
  { name: "UTF-16, the large byte first", bytes: Buffer.from(`\ufeff${TEXT}`, "utf16le").swap16(), ...iconv("UTF-16BE") },
  { name: "the same without a mark", bytes: Buffer.from(TEXT, "utf16le").swap16(), ...iconv("UTF-16BE") },
  { name: "UTF-32 with a mark", bytes: utf32(`\ufeff${TEXT}`, true), ...iconv("UTF-32LE") },
  { name: "UTF-32 without a mark", bytes: utf32(TEXT, true), ...iconv("UTF-32LE") },
  { name: "UTF-32, the large byte first, without a mark", bytes: utf32(TEXT, false), ...iconv("UTF-32BE") },
  {
    name: "a header in latin-1",
    bytes: Buffer.from("id,h\xf6he,y_true\np1,1,10\n", "latin1"),
    problem: "is not in UTF-8",
    remedy: "save it in that encoding, from latin-1 with iconv -f LATIN1 -t UTF-8 IN.csv > OUT.csv",
  },
  {
    name: "gzip",
    bytes: gzipSync(TEXT),
    problem: "is compressed with gzip, not CSV",
    remedy: "unpack it first: gunzip -c IN > OUT.csv",
  },
  { name: "xls", bytes: Buffer.from("d0cf11e0a1b11ae1000000000000", "hex"), problem: "is an Excel file (xls), not CSV", remedy: asSheet },
  {
    name: "xlsx",
    bytes: Buffer.from("PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\x41\x37\x82\x13\0[Content_Types].xml \xa2\x04", "latin1"),
    problem: "is an Excel file (xlsx), not CSV",
    remedy: asSheet,
  },
  {
    name: "zip",
    bytes: Buffer.from("PK\x03\x04\x14\0\0\0\x08\0rows.csv\x01\x02", "latin1"),
    problem: "is a zip archive, not CSV",
    remedy: "unpack it first: unzip -p IN > OUT.csv",
  },
  {
    name: "Parquet",
    bytes: Buffer.from("PAR1\x15\x04\x15\x10\x15\x14\0\0PAR1", "latin1"),
    problem: "is a Parquet file, not CSV",
    remedy: 'convert it, with pandas: pd.read_parquet("IN").to_csv("OUT.csv", index=False)',
  },
  {
    name: "Feather",
    bytes: Buffer.from("ARROW1\0\0\xff\xff\xff\xff", "latin1"),
    problem: "is an Arrow file (Feather), not CSV",
    remedy: 'convert it, with pandas: pd.read_feather("IN").to_csv("OUT.csv", index=False)',
  },
  {
    name: "an Arrow stream",
    bytes: Buffer.from("ffffffff70000000", "hex"),
    problem: "is an Arrow stream, not CSV",
    remedy: 'write it as CSV, with pyarrow: pyarrow.csv.write_csv(table, "OUT.csv")',
  },
  {
    name: "Feather of the first version",
    bytes: Buffer.from("FEA1\0\0\0\0\x01\0\0\0", "latin1"),
    problem: "is an Arrow file (Feather), not CSV",
    remedy: 'convert it, with pandas: pd.read_feather("IN").to_csv("OUT.csv", index=False)',
  },
  {
    name: "zstd",
    bytes: Buffer.from("28b52ffd2413990000", "hex"),
    problem: "is compressed with zstd, not CSV",
    remedy: "unpack it first: zstd -dc IN > OUT.csv",
  },
  {
    name: "bzip2",
    bytes: Buffer.from("BZh91AY&SY\x8e\x17\0\x01", "latin1"),
    problem: "is compressed with bzip2, not CSV",
    remedy: "unpack it first: bunzip2 -c IN > OUT.csv",
  },
  {
    name: "xz",
    bytes: Buffer.from("fd377a585a000004e6d6b446", "hex"),
    problem: "is compressed with xz, not CSV",
    remedy: "unpack it first: xz -dc IN > OUT.csv",
  },
  {
    name: "ods",
    bytes: Buffer.from("PK\x03\x04\x14\0\0\x08\0\0\0\0!\0mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK\x03\x04", "latin1"),
    problem: "is an OpenDocument file (ods), not CSV",
    remedy: asSheet,
  },
  {
    name: "ORC",
    bytes: Buffer.from("ORC\x1d\0\0\x0a\x13\x0a\x03", "latin1"),
    problem: "is an ORC file, not CSV",
    remedy: 'convert it, with pandas: pd.read_orc("IN").to_csv("OUT.csv", index=False)',
  },
  {
    name: "HDF5",
    bytes: Buffer.from("\x89HDF\r\n\x1a\n\0\0\0\0", "latin1"),
    problem: "is an HDF5 file, not CSV",
    remedy: 'convert it, with pandas: pd.read_hdf("IN").to_csv("OUT.csv", index=False)',
  },
  {
    name: "NumPy",
    bytes: Buffer.from("\x93NUMPY\x01\0v\0{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", "latin1"),
    problem: "is a file of NumPy, not CSV",
    remedy: 'write it as CSV, with numpy: np.savetxt("OUT.csv", array, delimiter=",", header="a,b,c", comments="")',
  },
  {
    name: "SQLite",
    bytes: Buffer.from("SQLite format 3\0\x10\0\x01\x01\0@  ", "latin1"),
    problem: "is a SQLite database, not CSV",
    remedy: 'export a table: sqlite3 -header -csv IN "select * from TABLE" > OUT.csv',
  },
  {
    name: "PDF",
    bytes: Buffer.from("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "latin1"),
    problem: "is a PDF, not CSV",
    remedy: "get the table as CSV",
  },
  {
    name: "XML",
    bytes: Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n<rows><row id="p1"/></rows>\n'),
    problem: "is XML, not CSV",
    remedy: "save it as CSV",
  },
  {
    name: "an empty zip archive",
    bytes: Buffer.from("504b0506000000000000000000000000000000000000", "hex"),
    problem: "is a zip archive, not CSV",
    remedy: "unpack it first: unzip -p IN > OUT.csv",
  },
  {
    name: "a Git LFS pointer",
    bytes: Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"),
    problem: "is a Git LFS pointer, not CSV",
    remedy: "get the file that it points to: git lfs pull",
  },
  {
    name: "a web page",
    bytes: Buffer.from("\n<!DOCTYPE html>\n<html><body>Log in, please</body></html>\n"),
    problem: "is a web page (HTML), not CSV",
    remedy: "get the file itself: its address may want a login, or lead to a page about it",
  },
  {
    name: "JSON",
    bytes: Buffer.from('[{"id":"p1","a":1,"y_true":10}]\n'),
    problem: "is JSON, not CSV",
    remedy: 'convert it, with pandas: pd.read_json("IN").to_csv("OUT.csv", index=False)',
  },
  { name: "other bytes", bytes: Buffer.from("a,b\0c\n1,2\n"), problem: "is binary, not CSV", remedy: "give a CSV file in UTF-8" },
  {
    name: "semicolons",
    bytes: Buffer.from("id;a;y_true\np1;1.5;10\n"),
    problem: "separates its cells by semicolons",
    remedy: `convert it to commas: ${python("r for r in csv.reader(sys.stdin,delimiter=';')")}`,
  },
  {
    name: "semicolons and decimal commas",
    bytes: Buffer.from("id;a;y_true\r\np1;1,5;10\r\n"),
    problem: "separates its cells by semicolons and writes decimal commas",
    remedy: `convert it to commas and decimal points: ${python(`[${point} for c in r] for r in csv.reader(sys.stdin,delimiter=';')`)}`,
  },
  {
    name: "a line for Excel, semicolons and decimal commas",
    bytes: Buffer.from("\ufeffsep=;\r\nid;a;y_true\r\np1;1.234,5;10\r\n"),
    problem: "begins with the line sep=;, which is for Excel, separates its cells by semicolons and writes decimal commas",
    remedy: `convert it to commas and decimal points: ${python(`[${point} for c in r] for r in csv.reader(list(sys.stdin)[1:],delimiter=';')`)}`,
  },
  {
    name: "a line for Excel, and commas",
    bytes: Buffer.from("sep=,\nid,a,y_true\np1,1,10\n"),
    problem: "begins with the line sep=,, which is for Excel",
    remedy: "take that line out: tail -n +2 IN.csv > OUT.csv",
  },
  {
    name: "tabs",
    bytes: Buffer.from("id\ta\ty_true\np1\t1\t10\n"),
    problem: "separates its cells by tabs",
    remedy: `convert it to commas: ${python("r for r in csv.reader(sys.stdin,delimiter='\\t')")}`,
  },
  {
    name: "vertical bars",
    bytes: Buffer.from("id|a|y_true\np1|1|10\n"),
    problem: "separates its cells by vertical bars",
    remedy: `convert it to commas: ${python("r for r in csv.reader(sys.stdin,delimiter='|')")}`,
  },
  {
    name: "blanks",
    bytes: Buffer.from("id  a y_true\np1  1,5 10\n"),
    problem: "separates its cells by blanks and writes decimal commas",
    remedy: `convert it to commas and decimal points: ${python(`[${point} for c in r] for r in map(str.split,sys.stdin)`)}`,
  },
  {
    name: "a column twice",
    bytes: Buffer.from("id,a, a\np1,1,10\n"),
    problem: 'names the column "a" twice',
    remedy: "give every column a name of its own",
  },
  {
    name: "a column without a name",
    bytes: Buffer.from(",id,a\n0,p1,1\n"),
    problem: "has no name for its column 1",
    remedy: "name it, or leave it out (with pandas: to_csv(index=False))",
  },
  {
    name: "a broken header",
    bytes: Buffer.from('id,"a"b,y_true\np1,1,10\n'),
    problem: 'has a header that cannot be read (a quoted cell goes on after its closing quote (a quote within is written twice: ""))',
    remedy: "mend its first line",
  },
];

/** Files that have no rows; the gateway says more of them. */
export const EMPTY_FILES: readonly ForeignFile[] = [
  {
    name: "a header alone",
    bytes: Buffer.from("id,a,y_true\n"),
    problem: "has a header and no rows",
    remedy: "give a line per row below the header",
  },
  {
    name: "lines whose breaks were lost",
    bytes: Buffer.from("id,a,y_truep1,1,10p2,1,10"),
    problem: "has a header and no rows",
    remedy: "give a line per row below the header",
  },
  { name: "nothing", bytes: Buffer.from(""), problem: "is empty", remedy: "give a header line, and a line per row" },
  {
    name: "a mark and empty lines",
    bytes: Buffer.from("\ufeff\r\n\n"),
    problem: "is empty",
    remedy: "give a header line, and a line per row",
  },
];
