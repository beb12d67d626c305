import { gzipSync } from "node:zlib";
import { asDelivered } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { MAX_BODY_BYTES } from "../bus/topology.js";
import { featuresContract } from "./features-contract.js";
import { Ids } from "./ids.js";
import { labelContract } from "./label-contract.js";

const FRAME = { ids: Ids.of(["a", "b"]), columns: new Map([["age", Float64Array.of(59, 60)]]) };

test.each(["json", "arrow"] as const)("a body of %s that is packed with gzip is read", (format) => {
  const message = featuresContract.write(FRAME, format, 0);
  const packed = { ...message, body: gzipSync(message.body), contentEncoding: "GZIP" };
  const { frame } = featuresContract.read(asDelivered(packed));
  expect([frame.ids.toArray(), frame.columns.get("age")]).toEqual([["a", "b"], Float64Array.of(59, 60)]);
});

test("labels too; identity is no packing", () => {
  const message = labelContract.write({ ids: Ids.of(["a"]), y_true: Float64Array.of(7) }, "json", 0);
  const read = (more: object) => [...labelContract.read(asDelivered({ ...message, ...more })).frame.y_true];
  expect(read({ body: gzipSync(message.body), contentEncoding: "gzip" })).toEqual([7]);
  expect(read({ contentEncoding: "identity" })).toEqual([7]);
});

test.each([
  ["br", Buffer.from("{}"), 'the property content_encoding is "br"; send the body as it is, or with content_encoding "gzip"'],
  ["utf-8", Buffer.from("{}"), 'the property content_encoding is "utf-8"; send the body as it is, or with content_encoding "gzip"'],
  [
    "gzip",
    Buffer.from("{}"),
    'the property content_encoding is "gzip", and the body is no whole gzip: compress it, or leave content_encoding out',
  ],
  ["gzip", gzipSync("{}").subarray(0, 15), /^the property content_encoding is "gzip", and the body is no whole gzip/],
  [
    "gzip",
    gzipSync(Buffer.alloc(MAX_BODY_BYTES + 1)),
    "the body has more than 15728640 bytes when it is unpacked: send fewer rows a frame",
  ],
])("content_encoding %s and %#: refused", (contentEncoding, body, reason) => {
  const message = { body, contentType: "application/json", contentEncoding, type: "features", headers: {} };
  expect(() => featuresContract.read(asDelivered(message))).toThrow(reason);
});
