import { expect, test } from "vitest";
import { mae, rmse } from "@streamgauge/core";
import { EARLIER, VersionStatistics } from "./version-statistics.js";

test("pairs are counted under the version that predicted them", () => {
  const versions = new VersionStatistics();
  versions.add("m@1", Float64Array.of(1, 2), Float64Array.of(2, 4));
  versions.add("m@2", Float64Array.of(5), Float64Array.of(5));
  versions.add("m@1", Float64Array.of(10), Float64Array.of(7));
  expect(versions.list().map(({ model, moments }) => [model, moments.count, mae.of(moments), rmse.of(moments)])).toEqual([
    ["m@2", 1, 0, 0],
    ["m@1", 3, 2, Math.sqrt(14 / 3)],
  ]);
});

test("beyond twenty versions the one used longest ago is merged into the earlier ones", () => {
  const versions = new VersionStatistics();
  for (let number = 1; number <= 30; number += 1) versions.add(`m@${number}`, Float64Array.of(0), Float64Array.of(number));
  const list = versions.list();
  expect(list).toHaveLength(21);
  expect(list[0]).toMatchObject({ model: EARLIER, moments: { count: 10, absolute: 55 } });
  expect(list[1]?.model).toBe("m@11");
  expect(list.at(-1)?.model).toBe("m@30");
});

test("saved statistics can be restored", () => {
  const versions = new VersionStatistics();
  versions.add("m@1", Float64Array.of(1, 2), Float64Array.of(2, 4));
  const again = new VersionStatistics();
  again.restore(JSON.parse(JSON.stringify(versions.list())));
  expect(again.list()).toEqual(versions.list());
});

test("pairs of a frame are counted without those that the log has", () => {
  const versions = new VersionStatistics();
  const pairs = { yTrue: Float64Array.of(1, 2, 3, 4), yPred: Float64Array.of(2, 4, 6, 8) };
  versions.addLogged(pairs, [], "whole");
  versions.addLogged(pairs, [{ row: 0 }, { row: 3 }], "some");
  versions.addLogged(pairs, [{ row: 1 }], (row) => (row < 2 ? "first" : "second"));
  versions.addLogged(pairs, [{ row: 0 }, { row: 1 }, { row: 2 }, { row: 3 }], "none");
  expect(versions.list().map(({ model, moments }) => [model, moments.count, moments.absolute])).toEqual([
    ["whole", 4, 10],
    ["some", 2, 5],
    ["first", 1, 1],
    ["second", 2, 7],
  ]);
});
