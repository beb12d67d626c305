import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { readCsv } from "./csv-reader.js";
import { separatorFault } from "./separator.js";

/** What the command of the remedy makes of a file. */
function converted(text: string): readonly (readonly string[])[] {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "IN.csv"), text);
  const [, command = ""] = /: (.*)$/s.exec(separatorFault(text)?.remedy ?? "") ?? [];
  execFileSync("sh", ["-c", command], { cwd: folder });
  const { header, rows } = readCsv(readFileSync(join(folder, "OUT.csv")));
  return [header, ...rows.map(({ cells }) => cells)];
}

test.each([
  [
    "semicolons and decimal commas",
    "id;price;note;big\na;1,5;x, y;1.234.567,25\nb;-0,25;1,2,3;2e3\n",
    [
      ["id", "price", "note", "big"],
      ["a", "1.5", "x, y", "1234567.25"],
      ["b", "-0.25", "1,2,3", "2e3"],
    ],
  ],
  [
    "semicolons, quotes and decimal points",
    'id;price;note\r\na;1.5;"x; ""y"""\r\n',
    [
      ["id", "price", "note"],
      ["a", "1.5", 'x; "y"'],
    ],
  ],
  [
    "a line for Excel",
    "sep=;\nid;price\na;1,5\n",
    [
      ["id", "price"],
      ["a", "1.5"],
    ],
  ],
  [
    "tabs",
    "id\tprice\na\t1.5\n",
    [
      ["id", "price"],
      ["a", "1.5"],
    ],
  ],
  [
    "vertical bars",
    "id|price\na|1,5\n",
    [
      ["id", "price"],
      ["a", "1.5"],
    ],
  ],
  [
    "blanks in columns",
    "id    price\na      1,5\nbb   10,25\n",
    [
      ["id", "price"],
      ["a", "1.5"],
      ["bb", "10.25"],
    ],
  ],
  [
    "commas below a line for Excel",
    '"sep=,"\nid,price\na,1.5\n',
    [
      ["id", "price"],
      ["a", "1.5"],
    ],
  ],
])("the command mends a file with %s", (_, text, wanted) => {
  expect(converted(text)).toEqual(wanted);
});
