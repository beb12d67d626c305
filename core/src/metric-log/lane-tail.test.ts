import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { freshFolder } from "@streamgauge/testing/vitest";
import { expect, test } from "vitest";
import { LaneTail } from "./lane-tail.js";
import { LOG_HEADER } from "./log-line.js";

const folder = freshFolder();
const paths = () => [1, 2, 3].map((part) => folder.at(`metric_log.${part}of3.csv`));

/** The ids that are new in all logs, in the order of reading, up to the end of all. */
async function idsOf(tail: LaneTail): Promise<{ ids: string[]; startedOver: boolean }> {
  const ids: string[] = [];
  let startedOver = false;
  for (let batch = await tail.next(); batch !== undefined; batch = await tail.next()) {
    if (batch.startedOver) ids.length = 0;
    startedOver ||= batch.startedOver;
    ids.push(...batch.ids.toArray());
    if (batch.reachedEnd) break;
  }
  return { ids, startedOver };
}

test("the logs of a lane are read as one, and on", async () => {
  const [first = "", second = "", third = ""] = paths();
  writeFileSync(first, `${LOG_HEADER}a,1,1,0\n`);
  writeFileSync(third, `${LOG_HEADER}c,1,1,0\n`);
  const tail = new LaneTail(paths());
  expect(await idsOf(tail)).toEqual({ ids: ["a", "c"], startedOver: false });
  expect(await tail.next()).toBeUndefined();
  writeFileSync(second, `${LOG_HEADER}b,1,1,0\n`);
  expect(await idsOf(tail)).toEqual({ ids: ["b"], startedOver: false });
  appendFileSync(first, "d,1,1,0\n");
  appendFileSync(second, "e,1,1,0\n");
  expect((await idsOf(tail)).ids).toEqual(["d", "e"]);
});

test("when one log is replaced, all are read again", async () => {
  const [first = "", second = "", third = ""] = paths();
  for (const [path, id] of [
    [first, "a"],
    [second, "b"],
    [third, "c"],
  ] as const)
    writeFileSync(path, `${LOG_HEADER}${id},1,1,0\n`);
  const tail = new LaneTail(paths());
  expect((await idsOf(tail)).ids).toEqual(["a", "b", "c"]);
  rmSync(second);
  writeFileSync(second, `${LOG_HEADER}x,1,1,0\n`);
  expect(await idsOf(tail)).toEqual({ ids: ["x", "a", "c"], startedOver: true });
});
