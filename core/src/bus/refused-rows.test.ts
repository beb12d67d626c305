import { describe, expect, test } from "vitest";
import { asDelivered } from "@streamgauge/testing";
import { DEAD_HEADER } from "./dead-header.js";
import { isReasonsMessage, readReasons, reasonsMessage, refusalOfEachRow, writeReasons } from "./refused-rows.js";

const bad = (row: number) => ({ row, id: `j-${row}`, field: "age", reason: `not a number, got "x${row}"` });

describe("The reasons of a dead letter's rows", () => {
  test("are one a row, with the whole message first", () => {
    expect(
      refusalOfEachRow([
        { row: 4, id: "e", field: "age", reason: "the value is missing" },
        { row: 1, id: "b", field: "age", reason: "not a number" },
        { row: 4, id: "e", field: "sex", reason: "not a number" },
        { field: "bmi", reason: "the model needs this feature" },
      ]),
    ).toEqual([
      { field: "bmi", reason: "the model needs this feature" },
      { row: 1, id: "b", field: "age", reason: "not a number" },
      { row: 4, id: "e", reason: "field age: the value is missing; field sex: not a number" },
    ]);
  });

  test("of few rows are all in the header", () => {
    const { header, bodies } = writeReasons([bad(0), bad(3)]);
    expect(header).toBe(
      '[{"row":0,"id":"j-0","field":"age","reason":"not a number, got \\"x0\\""},{"row":3,"id":"j-3","field":"age","reason":"not a number, got \\"x3\\""}]',
    );
    expect(bodies).toEqual([]);
  });

  test("of many rows follow in messages of at most 1 MiB, and the header has what concerns the whole", () => {
    const rows = Array.from({ length: 20_000 }, (_, row) => bad(row));
    const { header, bodies } = writeReasons([...rows, { reason: "tried 10 times" }]);
    expect(header).toBe('[{"reason":"tried 10 times"}]');
    expect(bodies.length).toBe(2);
    for (const body of bodies) expect(body.length).toBeLessThanOrEqual(1024 * 1024);
    expect(bodies.flatMap((body) => readReasons(asDelivered(reasonsMessage(body, {}))))).toEqual(rows);
  });

  test("take bounded room, however many fields of a row are bad", () => {
    const fields = Array.from({ length: 5_000 }, (_, i) => ({ row: 0, id: "a", field: `f${i}`, reason: "the value is missing" }));
    const { header, bodies } = writeReasons(fields);
    expect(bodies).toEqual([]);
    expect(header).toMatch(/; and 49\d\d more"\}\]$/);
    expect(header.length).toBeLessThan(600);
  });

  test.each(["", "[", "{}", '[{"row":"0","reason":"x"}]', '[{"row":0}]'])("that cannot be read are none: %j", (text) => {
    const letter = asDelivered({ body: Buffer.from("x"), contentType: "", type: "features", headers: { [DEAD_HEADER.refusals]: text } });
    expect(readReasons(letter)).toBeUndefined();
    expect(readReasons(asDelivered(reasonsMessage(Buffer.from(text), {})))).toBeUndefined();
  });

  test("a refused message of reasons is a letter, and follows none", () => {
    const following = reasonsMessage(Buffer.from("{}"), {});
    expect(isReasonsMessage(asDelivered(following))).toBe(true);
    expect(isReasonsMessage(asDelivered({ ...following, headers: { [DEAD_HEADER.refusals]: "[]" } }))).toBe(false);
  });
});
