import { describe, expect, test } from "vitest";
import type { HeaderValue, Message } from "../bus/bus.js";
import { describeRefusal, describeRefusals } from "../refusal.js";
import { asDelivered } from "@streamgauge/testing";
import type { Contract } from "./contract.js";
import { featuresContract } from "./features-contract.js";
import { ARROW_TYPE } from "./codecs/arrow-codec.js";
import { FrameRefusedError } from "./frame.js";
import { JSON_TYPE } from "../media-type.js";
import type { Ids } from "./ids.js";
import { labelContract } from "./label-contract.js";
import { predictionContract } from "./prediction-contract.js";

const DEEP = 100_000;

function json(body: string | Buffer, type: string): Message {
  return { body: Buffer.from(body), contentType: JSON_TYPE, type, headers: {} };
}

/** Why nothing of a message can be used. */
function refusalOf<F>(contract: Contract<F>, message: Message): string {
  try {
    contract.read(asDelivered(message));
  } catch (error) {
    if (error instanceof FrameRefusedError) return describeRefusal(error.refusal);
    throw error;
  }
  throw new Error("The message was read.");
}

/** The ids of the rows that can be used, and why the others cannot. */
function partsOf<F extends { readonly ids: Ids }>(contract: Contract<F>, body: string): [good: string[], refused: string] {
  const { frame, refusals } = contract.read(asDelivered(json(body, contract.type)));
  return [frame.ids.toArray(), describeRefusals(refusals)];
}

/** Predictions with codes of two columns. */
function coded(body: string): Message {
  return { ...json(body, "y_pred"), headers: { codes: "0cba33ef67f1 n4 t5" } };
}

describe("A message that cannot be used at all is refused with the reason", () => {
  test.each([
    ["an empty body", "", "the body is empty"],
    ["a truncated body", '{"ids":["a"', /^the body is not JSON: Expected/],
    ["a byte order mark", '\ufeff{"id":"a","y_true":1}', "the body begins with a byte order mark: send plain UTF-8"],
    ["bytes that are not UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22]), "the body is not UTF-8"],
    ["half a character in UTF-8", Buffer.from('{"id":"\xed\xa0\x80","y_true":1}', "latin1"), "the body is not UTF-8"],
    ["NaN, which JSON does not have", '{"ids":["a"],"y_true":[NaN]}', /^the body is not JSON: Unexpected token/],
    ["Infinity, which JSON does not have", '{"id":"a","y_true":-Infinity}', /^the body is not JSON: /],
    ["17 MB", Buffer.alloc(17_000_000, "x"), "the body has 17000000 bytes; at most 15728640 are taken: send fewer rows a frame"],
    ["a list", "[1,2]", /^the message must be object; expected \{"ids":\[…\],"y_true":\[…\]\} or \{"id":"…","y_true":…\}$/],
    ["a number", "1", /^the message must be object/],
    ["null", "null", /^the message must be object/],
    ["arrays in arrays, 100,000 deep", "[".repeat(DEEP) + "]".repeat(DEEP), /^the message must be object/],
    [
      "objects in objects, 100,000 deep",
      `${'{"a":'.repeat(DEEP)}1${"}".repeat(DEEP)}`,
      /^the message must have required properties ids, y_true/,
    ],
    ["a key twice", '{"ids":["a"],"y_true":[1],"y_true":[2]}', "the body names a key twice"],
    ["a key twice, once with escapes", '{"ids":["a"],"y_true":[1],"y\\u005ftrue":[2]}', "the body names a key twice"],
    ["a key twice beside an id with a colon", '{"id":":a","id":"b","y_true":1}', "the body names a key twice"],
    ["__proto__", '{"ids":["a"],"y_true":[1],"__proto__":{"x":1}}', /^the message must not have a property "__proto__"; expected/],
    ["a property too many", '{"ids":["a"],"y_true":[1],"y_pred":[1]}', /^the message must not have a property "y_pred"/],
    ["columns of unequal length", '{"ids":["a","b"],"y_true":[2]}', "field y_true: 1 values for 2 ids: a column has one value per id"],
    [
      "a half width, which only predictions have",
      '{"id":"a","y_true":1,"half_width":5}',
      /^the message must not have a property "half_width"/,
    ],
    ["an event time, which only rows have", '{"id":"a","y_true":1,"event_time":5}', /^the message must not have a property "event_time"/],
    ["no ids", '{"y_true":[1]}', /^the message must have required properties ids/],
    ["no values", '{"ids":["a"]}', /^the message must have required properties y_true/],
    ["no rows", '{"ids":[],"y_true":[]}', /^ids must not have fewer than 1 items/],
    ["ids that are no list", '{"ids":"abc","y_true":[1]}', /^ids must be array/],
    ["values that are no list", '{"ids":["a"],"y_true":1}', /^y_true must be array/],
  ])("%s", (_what, body, reason) => {
    expect(refusalOf(labelContract, json(body, "y_true"))).toMatch(reason);
  });

  test("more rows than a stream should have in one step", () => {
    const ids = Array.from({ length: 65_537 }, (_, i) => `${i}`);
    const body = JSON.stringify({ ids, y_true: ids.map(Number) });
    expect(refusalOf(labelContract, json(body, "y_true"))).toMatch(/^ids must not have more than 65536 items/);
  });

  test.each([
    ["no columns", '{"ids":["a"]}', /^the message must have required properties columns; expected .* or \{"id":"…","features":/],
    ["no features", '{"id":"a"}', /^the message must have required properties features/],
    ["both forms at once", '{"id":"a","ids":["a"],"features":{}}', /^the message must not have a property "ids"/],
    ["a column that is no list", '{"ids":["a"],"columns":{"age":1}}', /^columns\/age must be array/],
    ["columns of unequal length", '{"ids":["a","b"],"columns":{"age":[1,2],"bmi":[1]}}', /^field bmi: 1 values for 2 ids/],
    ["event times that are no list", '{"ids":["a"],"columns":{"age":[1]},"event_time":5}', /^event_time must be array; expected/],
    ["too few event times", '{"ids":["a","b"],"columns":{"age":[1,2]},"event_time":[5]}', /^field event_time: 1 values for 2 ids/],
    ["a column twice", '{"ids":["a"],"columns":{"age":[1],"age":[2]}}', "the body names a key twice"],
  ])("features with %s", (_what, body, reason) => {
    expect(refusalOf(featuresContract, json(body, "features"))).toMatch(reason);
  });

  test.each<[string, Partial<Message>, string]>([
    ["another type", { type: "features" }, 'the property type says "features"; this queue takes "y_true"'],
    ["another version", { headers: { contract: 2 } }, "the header contract says version 2; this program reads version 1"],
    ["a version in words", { headers: { contract: "1" } }, 'the header contract says version "1"; this program reads version 1'],
    [
      "another format",
      { contentType: "text/csv" },
      'the property content_type is "text/csv"; send application/json or application/vnd.apache.arrow.stream',
    ],
    ["no Arrow although it says so", { contentType: ARROW_TYPE }, "the Arrow stream ends in the middle"],
    ["an empty Arrow body", { contentType: ARROW_TYPE, body: Buffer.alloc(0) }, "the body is empty"],
  ])("a message of %s", (_what, parts, reason) => {
    expect(refusalOf(labelContract, { ...json('{"id":"a","y_true":1}', "y_true"), ...parts })).toBe(reason);
  });

  test("a version that is a table, as only AMQP has it", () => {
    const table: Record<string, unknown> = { contract: { of: 1 } };
    const delivery = { ...asDelivered(json('{"id":"a","y_true":1}', "y_true")), headers: table };
    expect(() => labelContract.read(delivery)).toThrow("the header contract says version an object; this program reads version 1");
  });
});

describe("A row that cannot be used is refused by its position, id and field, and its neighbours are used", () => {
  const NUMBER = "not a finite number, got";
  const ID = "an id is a string of 1 to 128 characters, got";

  test.each([
    ["1e400", `${NUMBER} Infinity`],
    ["-1e400", `${NUMBER} -Infinity`],
    ["null", `${NUMBER} null`],
    ["true", `${NUMBER} true`],
    ['"1.5"', `${NUMBER} "1.5": send it without quotes`],
    ['"n/a"', `${NUMBER} "n/a"`],
    ['""', `${NUMBER} ""`],
    ["[1]", `${NUMBER} an array`],
    ['{"value":1}', `${NUMBER} an object`],
    ["[".repeat(DEEP) + "]".repeat(DEEP), `${NUMBER} an array`],
  ])("a label of %.20s", (value, reason) => {
    expect(partsOf(labelContract, `{"ids":["a","b","c"],"y_true":[1,${value},3]}`)).toEqual([
      ["a", "c"],
      `row 1 (id "b"), field y_true: ${reason}`,
    ]);
    expect(partsOf(labelContract, `{"id":"b","y_true":${value}}`)).toEqual([[], `row 0 (id "b"), field y_true: ${reason}`]);
    expect(partsOf(predictionContract, `{"ids":["b"],"y_pred":[${value}]}`)).toEqual([[], `row 0 (id "b"), field y_pred: ${reason}`]);
  });

  test.each([
    ['""', `${ID} ""`],
    ["null", `${ID} null`],
    ["5", `${ID} 5`],
    ['["a"]', `${ID} an array`],
    [`"${"x".repeat(129)}"`, `${ID} "${"x".repeat(56)}...`],
    [`"${"x".repeat(10_000)}"`, `${ID} "${"x".repeat(56)}...`],
    [`"${"😀".repeat(129)}"`, /^row 1, field id: an id is a string of 1 to 128 characters/],
    ['"\\ud800"', 'an id is Unicode text; "\\ud800" has half a character in it'],
    ['"a\\udfffb"', 'an id is Unicode text; "a\\udfffb" has half a character in it'],
    ["[".repeat(DEEP) + "]".repeat(DEEP), `${ID} an array`],
  ])("an id of %.20s", (value, reason) => {
    const wanted = typeof reason === "string" ? `row 1, field id: ${reason}` : reason;
    for (const [contract, field] of [
      [labelContract, "y_true"],
      [predictionContract, "y_pred"],
    ] as const) {
      const [good, refused] = partsOf<{ readonly ids: Ids }>(contract, `{"ids":["a",${value},"c"],"${field}":[1,2,3]}`);
      expect(good).toEqual(["a", "c"]);
      expect(refused).toMatch(wanted);
    }
    const [good, refused] = partsOf(featuresContract, `{"ids":["a",${value},"c"],"columns":{"age":[1,2,3]}}`);
    expect(good).toEqual(["a", "c"]);
    expect(refused).toMatch(wanted);
  });

  test("a whole character that is cut into two ids", () => {
    const [good, refused] = partsOf(labelContract, '{"ids":["\\ud83d","\\ude00","c"],"y_true":[1,2,3]}');
    expect(good).toEqual(["c"]);
    expect(refused).toMatch(/^row 0, field id: .* half a character in it; row 1, field id: .* half a character in it$/);
  });

  test("a row without its value", () => {
    expect(partsOf(labelContract, '{"id":"a"}')).toEqual([[], 'row 0 (id "a"), field y_true: the value is missing']);
  });

  test("cells of features, each by its own field", () => {
    const body = '{"ids":["a","b","c","d"],"columns":{"age":[1,true,3,4],"bmi":[1,2,[3],1e400]}}';
    expect(partsOf(featuresContract, body)).toEqual([
      ["a"],
      [
        'row 1 (id "b"), field age: not a finite number, got true',
        'row 2 (id "c"), field bmi: not a finite number, got an array',
        'row 3 (id "d"), field bmi: not a finite number, got Infinity',
      ].join("; "),
    ]);
  });

  test.each([
    ["1.5", "not an event time, got 1.5"],
    ['"2025-10-09T08:53:20Z"', 'not an event time, got "2025-10-09T08:53:20Z"'],
    ['"1760000000000"', 'not an event time, got "1760000000000"'],
    ["true", "not an event time, got true"],
    ["[1]", "not an event time, got an array"],
    ["1e400", "not an event time, got Infinity"],
    ["8640000000000001", "not an event time, got 8640000000000001 (no date is that far from 1970)"],
    ["-1760000000000000000", "not an event time, got -1760000000000000000 (no date is that far from 1970)"],
  ])("an event time of %s", (value, reason) => {
    const wanted = `field event_time: ${reason}: send whole ms since 1970, such as 1760000000000, or null`;
    for (const [contract, rows, row] of [
      [featuresContract, '"columns":{"age":[1,2,3]}', '"features":{"age":2}'],
      [predictionContract, '"y_pred":[1,2,3]', '"y_pred":2'],
    ] as const) {
      const times = `"event_time":[5,${value},null]`;
      expect(partsOf<{ readonly ids: Ids }>(contract, `{"ids":["a","b","c"],${rows},${times}}`)).toEqual([
        ["a", "c"],
        `row 1 (id "b"), ${wanted}`,
      ]);
      expect(partsOf<{ readonly ids: Ids }>(contract, `{"id":"b",${row},"event_time":${value}}`)).toEqual([
        [],
        `row 0 (id "b"), ${wanted}`,
      ]);
    }
  });

  test.each([
    ["-0.5", "not a half width, got -0.5"],
    ['"1.5"', 'not a half width, got "1.5"'],
    ["1e400", "not a half width, got Infinity"],
    ["true", "not a half width, got true"],
  ])("a half width of %s", (value, reason) => {
    const wanted = `field half_width: ${reason}: send a finite number of at least 0, or null`;
    expect(
      partsOf<{ readonly ids: Ids }>(predictionContract, `{"ids":["a","b","c"],"y_pred":[1,2,3],"half_width":[0,${value},null]}`),
    ).toEqual([["a", "c"], `row 1 (id "b"), ${wanted}`]);
    expect(partsOf<{ readonly ids: Ids }>(predictionContract, `{"id":"b","y_pred":2,"half_width":${value}}`)).toEqual([
      [],
      `row 0 (id "b"), ${wanted}`,
    ]);
  });

  test("the half widths of the other rows stay with them", () => {
    const { frame } = predictionContract.read(
      asDelivered(json('{"ids":["a","b","c","d"],"y_pred":[1,null,3,4],"half_width":[5,6,null,-0]}', "y_pred")),
    );
    expect([frame.ids.toArray(), frame.halfWidths]).toEqual([["a", "c", "d"], Float64Array.of(5, Number.NaN, 0)]);
  });

  test.each([
    ['"BBB"', 'not 2 letters, as the header codes names columns, got "BBB"'],
    ["5", "not 2 letters, as the header codes names columns, got 5"],
    ['"B!"', "code 2 of the row is none of the 5 bins that the header codes gives its column"],
    ['"FB"', "code 1 of the row is none of the 4 bins that the header codes gives its column"],
  ])("codes of %s", (value, reason) => {
    const body = `{"ids":["a","b","c"],"y_pred":[1,2,3],"codes":["AB",${value},"DE"]}`;
    const { frame, refusals } = predictionContract.read(asDelivered(coded(body)));
    expect(refusals).toEqual([{ row: 1, id: "b", field: "codes", reason }]);
    expect([frame.ids.toArray(), [...(frame.codes?.bytes ?? [])]]).toEqual([
      ["a", "c"],
      [0, 1, 3, 4],
    ]);
  });

  test("unseen texts that are no array of texts", () => {
    const body = '{"ids":["a","b"],"y_pred":[1,2],"codes":["AC","AC"],"unseen":["Mars","[\\"Mars\\"]"]}';
    const { frame, refusals } = predictionContract.read(asDelivered(coded(body)));
    expect(refusals).toEqual([{ row: 0, id: "a", field: "unseen", reason: 'not a JSON array of texts, got "Mars"' }]);
    expect(frame.codes?.unseen).toEqual(['["Mars"]']);
  });

  test("codes without the header that says what they mean, and with one that cannot be read", () => {
    const body = '{"ids":["a"],"y_pred":[1],"codes":["AB"]}';
    expect(refusalOf(predictionContract, json(body, "y_pred"))).toBe(
      "field codes: codes mean nothing without the header codes, which names their columns",
    );
    expect(refusalOf(predictionContract, { ...json(body, "y_pred"), headers: { codes: "n4 t5" } })).toBe(
      'the header codes is "n4 t5": send the hash of the reference and a column for each code, such as "0cba33ef67f1 n23 t5 y23"',
    );
  });

  test("the event times of the other rows stay with them", () => {
    const { frame } = predictionContract.read(
      asDelivered(json('{"ids":["a","b","c","d"],"y_pred":[1,null,3,4],"event_time":[5,6,null,-0]}', "y_pred")),
    );
    expect([frame.ids.toArray(), frame.eventTimes]).toEqual([["a", "c", "d"], Float64Array.of(5, Number.NaN, 0)]);
  });

  test("rows are left without event times if only a refused one had one", () => {
    const { frame } = featuresContract.read(
      asDelivered(json('{"ids":["a",""],"columns":{"age":[1,2]},"event_time":[null,6]}', "features")),
    );
    expect([frame.ids.toArray(), "eventTimes" in frame]).toEqual([["a"], false]);
  });

  test("the frame says where its rows stood in the message", () => {
    const { frame, positions } = featuresContract.read(asDelivered(json('{"ids":["a","","c"],"columns":{"age":[1,2,3]}}', "features")));
    expect([frame.ids.toArray(), positions, frame.columns.get("age")]).toEqual([["a", "c"], [0, 2], Float64Array.of(1, 3)]);
  });
});

describe("What looks dangerous and is not", () => {
  test.each([
    ":",
    " :",
    "a:b",
    "::",
    "a,b",
    'say "no"',
    "\\",
    "two\nlines",
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "__proto__",
    "\ufffd",
    "\u0000",
    " ",
    "ü",
  ])("the id %j", (id) => {
    expect(partsOf(labelContract, JSON.stringify({ ids: [id, "b"], y_true: [1, 2] }))).toEqual([[id, "b"], ""]);
    expect(partsOf(labelContract, JSON.stringify({ id, y_true: 1 }, undefined, 2))).toEqual([[id], ""]);
  });

  test("a feature of the name __proto__", () => {
    const { frame } = featuresContract.read(asDelivered(json('{"ids":["a"],"columns":{"__proto__":[1]}}', "features")));
    expect(frame.columns.get("__proto__")).toEqual(Float64Array.of(1));
  });

  test("white space, and colons in every string", () => {
    const body = '{ "ids" : [ ": a" , "b : \\":" ] ,\n\t"columns" : { " : " : [ 1 , 2 ] , "x" : [ ":" , ":" ] } }';
    const { frame, refusals } = featuresContract.read(asDelivered(json(body, "features")));
    expect(refusals).toEqual([]);
    expect([...frame.columns.keys()]).toEqual([" : ", "x"]);
  });

  test("headers that nobody knows", () => {
    const headers: Record<string, HeaderValue> = { "x-trace": "0af7651916cd43dd", tenant: 7 };
    expect(labelContract.read(asDelivered({ ...json('{"id":"a","y_true":1}', "y_true"), headers })).refusals).toEqual([]);
  });
});
