import { expect, test } from "vitest";
import { jobRowId, readJobRowId } from "./row-id.js";

test("the id of a job's row names both", () => {
  expect(readJobRowId(jobRowId("j1a2", 0))).toEqual({ job: "j1a2", row: 0 });
  expect(readJobRowId(jobRowId("j1a2", 2 ** 31 - 1))).toEqual({ job: "j1a2", row: 2 ** 31 - 1 });
  expect(readJobRowId("a-b-7")).toEqual({ job: "a-b", row: 7 });
});

test.each(["", "-", "j1", "j1-", "-7", "j1-x", "j1-1e3", "j1-7 ", "j1-+7", `j1-${2 ** 31}`, "j1-99999999999999999999"])(
  "%j is no row of a job",
  (id) => {
    expect(readJobRowId(id)).toBeUndefined();
  },
);
