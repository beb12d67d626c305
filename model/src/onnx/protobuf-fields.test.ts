import { describe, expect, it } from "vitest";
import { bytesOf, integerOf, protobufFields, textOf } from "./protobuf-fields.js";

const fields = (hex: string) => [...protobufFields(Buffer.from(hex, "hex"))];

describe("protobufFields", () => {
  // The first two messages are the examples of protobuf.dev/programming-guides/encoding.
  it.each([
    ["089601", [[1, 150]]],
    ["120774657374696e67", [[2, Buffer.from("testing")]]],
    // A double (field 1) and a float (field 2) are passed over.
    ["09000000000000f03f150000803f1801", [[3, 1]]],
    ["", []],
  ])("reads %s", (hex, expected) => {
    expect(fields(hex)).toEqual(expected);
  });

  it.each(["1207746573", "08ffffffffffffffffffff01", "0b"])("refuses %s", (hex) => {
    expect(() => fields(hex)).toThrow(Error);
  });
});

it("refuses a field of another kind", () => {
  expect(() => integerOf([7, Buffer.from("a")])).toThrow("protobuf field 7 is not an integer");
  expect(() => bytesOf([7, 1])).toThrow("protobuf field 7 is an integer");
  expect(() => textOf([7, Buffer.from([0xff])])).toThrow(TypeError);
});
