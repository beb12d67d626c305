import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameRefusedError } from "../frame.js";
import { parseJsonBody } from "./json-body.js";

const text = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom(":", '":', '\\":', '"', "\\", ': "', " : ", "\\\\", ',"a":1'));

describe("A JSON body", () => {
  test("is read as JSON.parse reads it, whatever its strings hold", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.dictionary(text, fc.array(text)),
        fc.constantFrom(undefined, 1, "\t"),
        (value, strings, indent) => {
          for (const each of [value, strings, [value, strings]]) {
            const body = JSON.stringify(each, undefined, indent);
            expect(parseJsonBody(Buffer.from(body))).toEqual(JSON.parse(body));
          }
        },
      ),
    );
  });

  test("is refused where any of its objects names a key twice", () => {
    const entries = fc.uniqueArray(fc.tuple(text, text), { selector: ([key]) => key, minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(entries, fc.nat(), fc.constantFrom(0, 1, 2), (pairs, pick, depth) => {
        const twice = [...pairs, pairs[pick % pairs.length] ?? ["", ""]].map(
          ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
        );
        const body = `${'{"inner":'.repeat(depth)}{${twice.join(", ")}}${"}".repeat(depth)}`;
        expect(() => parseJsonBody(Buffer.from(body))).toThrow("the body names a key twice");
      }),
    );
  });

  test.each(['{"a":[NaN]}', '{"a": -Infinity}', '{"a":[1,NaN,2]}'])("says that JSON has no such number as in %s", (body) => {
    expect(() => parseJsonBody(Buffer.from(body))).toThrow(/^the body is not JSON: .*; JSON has no NaN and no Infinity$/);
  });

  test("does not mention numbers if they are not what is wrong", () => {
    expect(() => parseJsonBody(Buffer.from('{"NaN":'))).toThrow(/^the body is not JSON: (?!.*Infinity)/);
  });

  test("is read or refused, whatever its bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        try {
          parseJsonBody(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameRefusedError);
        }
      }),
    );
  });
});
