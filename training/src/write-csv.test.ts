import { expect, it } from "vitest";
import { writeCsv } from "./write-csv.js";

it("quotes only the cells that need it", () => {
  expect(
    writeCsv([
      ["id", "note"],
      ["1.50", 'a "b", c'],
      ["", "two\nlines"],
    ]),
  ).toBe('id,note\n1.50,"a ""b"", c"\n,"two\nlines"\n');
});
