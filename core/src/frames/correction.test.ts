import { asDelivered } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import type { Delivery } from "../bus/bus.js";
import { FRAME_FORMATS } from "./codecs/codecs.js";
import { FrameRefusedError } from "./frame.js";
import { Ids } from "./ids.js";
import { labelContract } from "./label-contract.js";

/** A label message as any AMQP program may send it. */
function delivery(headers: Record<string, unknown>, more: Partial<Delivery> = {}): Delivery {
  const message = { body: Buffer.from('{"id":"a","y_true":5}'), contentType: "application/json", type: "y_true", headers: {} };
  return { ...asDelivered(message), appId: undefined, headers, ...more };
}

const correctionIn = (headers: Record<string, unknown>, more: Partial<Delivery> = {}) =>
  labelContract.read(delivery(headers, more)).frame.correction;

function refusalOf(headers: Record<string, unknown>) {
  try {
    labelContract.read(delivery(headers));
  } catch (error) {
    if (error instanceof FrameRefusedError) return error.refusal;
    throw error;
  }
  throw new Error("The message was read.");
}

test.each(FRAME_FORMATS)("a correction in %s is read as it was written", (format) => {
  const frame = { ids: Ids.of(["a", "b"]), y_true: Float64Array.of(1, 2) };
  const written = labelContract.write({ ...frame, correction: { who: "größe" } }, format, 1_234);
  expect(labelContract.read(asDelivered(written)).frame.correction).toEqual({ who: "größe", at: 1_234 });
  expect(labelContract.read(asDelivered(labelContract.write(frame, format, 1_234))).frame).not.toHaveProperty("correction");
});

describe("the header correction", () => {
  test.each([[1], [true], ["1"], ["true"]])("may be %j", (correction) => {
    expect(correctionIn({ correction })).toEqual({ who: "", at: undefined });
  });

  test.each([
    [0, "0"],
    [2, "2"],
    [false, "false"],
    ["yes", '"yes"'],
    ["", '""'],
    [null, "null"],
  ])("of %j is refused by name", (correction, quoted) => {
    expect(refusalOf({ correction })).toEqual({
      field: "correction",
      reason: `the header correction is ${quoted}: send 1 to correct labels, or leave the header out`,
    });
  });
});

describe("who corrects", () => {
  test("is what the header says, else the program that sends", () => {
    expect(correctionIn({ correction: 1, who: "ann" }, { appId: "curator" })?.who).toBe("ann");
    expect(correctionIn({ correction: 1 }, { appId: "curator" })?.who).toBe("curator");
    expect(correctionIn({ correction: 1, who: "x".repeat(128) })?.who).toHaveLength(128);
  });

  test.each([["x".repeat(129)], [5]])("is a text of at most 128 characters", (who) => {
    expect(refusalOf({ correction: 1, who })).toMatchObject({
      field: "who",
      reason: expect.stringMatching(/^the header who is .*: send a text of at most 128 characters, or leave it out$/),
    });
  });

  test("says nothing of other labels", () => {
    expect(correctionIn({ who: 5 })).toBeUndefined();
  });
});

test.each([
  ["the header origin, in whole ms", { origin: 1_234.4 }, 5_000, 1_234],
  ["else the property timestamp", {}, 5_000, 5_000],
  ["nothing if neither says so", {}, undefined, undefined],
  ["nothing if no date is that far from 1970", { origin: 1e300 }, 5_000, undefined],
])("when it was made says %s", (_, headers, timestamp, at) => {
  expect(correctionIn({ correction: 1, ...headers }, { timestamp })?.at).toBe(at);
});
