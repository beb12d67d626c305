import { asDelivered } from "@streamgauge/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameRefusedError } from "../frame.js";
import { Ids } from "../ids.js";
import { labelContract } from "../label-contract.js";
import { mediaTypeOf } from "../../media-type.js";
import { CODECS, codecOf } from "./codecs.js";

test("the formats are JSON and Arrow, each with a content type of its own", () => {
  expect(CODECS.map(({ name, contentType }) => [name, contentType])).toEqual([
    ["json", "application/json"],
    ["arrow", "application/vnd.apache.arrow.stream"],
  ]);
});

test("a content type of another format has no codec", () => {
  expect(codecOf("text/csv")).toBeUndefined();
  expect(codecOf(";charset=utf-8")).toBeUndefined();
});

test("a message of another format is refused with the content types that are read", () => {
  const message = { body: Buffer.from("a"), contentType: "Text/CSV; charset=utf-8", type: "y_true", headers: {} };
  expect(() => labelContract.read(asDelivered(message))).toThrow(
    'the property content_type is "text/csv"; send application/json or application/vnd.apache.arrow.stream',
  );
});

describe.each(CODECS)("$name", (codec) => {
  const frame = { ids: Ids.of(["a", "b"]), y_true: Float64Array.of(1, 2) };
  const message = labelContract.write(frame, codec.name, 5);

  test("has a content type in lower case, without parameters", () => {
    expect(mediaTypeOf(codec.contentType)).toBe(codec.contentType);
    expect(message.contentType).toBe(codec.contentType);
  });

  test("refuses damaged bytes with a reason, and throws nothing else", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 255 }), fc.nat(), (place, byte, length) => {
        const body = Buffer.from(message.body.subarray(0, 1 + (length % message.body.length)));
        body[place % body.length] = byte;
        try {
          labelContract.read(asDelivered({ ...message, body }));
        } catch (error) {
          expect(error).toBeInstanceOf(FrameRefusedError);
        }
      }),
    );
  });
});
