import { describe, expect, test } from "vitest";
import type { HeaderValue, Message } from "../bus.js";
import { FrameBuffer } from "./frame-buffer.js";
import { bodyParts, writePublish } from "./publish-frames.js";

const ENVELOPE = { channel: 1, to: { exchange: "rows", routingKey: "f" }, messageId: "m-0", appId: "a", frameMax: 4_096 };

function written(message: Message, envelope = ENVELOPE): string {
  const frames = new FrameBuffer();
  writePublish(frames, message, envelope);
  return frames.take().toString("hex");
}

/** The table of headers in a message without other properties. */
function table(headers: Record<string, HeaderValue>): string {
  const hex = written({ body: Buffer.alloc(0), contentType: "", type: "", headers });
  // Flags of headers, delivery mode, message id and app id; the table lies between them and the delivery mode.
  return hex.slice(hex.indexOf("3088") + 4, hex.lastIndexOf("02036d2d30"));
}

/** Expected bytes are those of the AMQP 0-9-1 specification, 2.3.5 and 4.2.6, written down by hand. */
describe("the frames of a publish", () => {
  test("are a method and a header with the properties in their order", () => {
    const headers = { contract: 1 };
    const message = { body: Buffer.from("xyz"), contentType: "text/plain", type: "t", timestamp: 1_760_000_000_999, headers };
    const method = "01 0001 0000000e 003c 0028 0000 04726f7773 0166 01 ce";
    const head = "02 0001 00000039 003c 0000 0000000000000003 b0e8";
    const properties = "0a746578742f706c61696e 0000000b08636f6e74726163746201 02 036d2d30 0000000068e77800 0174 0161 ce";
    expect(written(message)).toBe(`${method}${head}${properties}`.replaceAll(" ", ""));
  });

  test("leave out what the message leaves out", () => {
    const message = { body: Buffer.alloc(0), contentType: "", contentEncoding: "gzip", type: "", headers: {} };
    const header = "02 0001 0000001e 003c 0000 0000000000000000 7088 04677a6970 00000000 02 036d2d30 0161 ce";
    expect(written(message).slice(-2 * 38)).toBe(header.replaceAll(" ", ""));
  });

  test.each<[string, HeaderValue, string]>([
    ["a small number", -1, "62ff"],
    ["a whole number", 300, "490000012c"],
    ["a negative one", -300, "49fffffed4"],
    ["a time in ms", 1_760_000_000_123, "6c00000199c82cc07b"],
    ["a large negative one", -(2 ** 40), "6cffffff0000000000"],
    ["a fraction", 0.5, "643fe0000000000000"],
    ["a number above the whole ones that are exact", 2 ** 60, "6443b0000000000000"],
    ["true", true, "7401"],
    ["false", false, "7400"],
    ["a text beyond ASCII", "ü", "5300000002c3bc"],
  ])("carry %s in a header", (_what, value, hex) => {
    const bytes = (2 + hex.length / 2).toString(16).padStart(8, "0");
    expect(table({ h: value })).toBe(`${bytes}0168${hex}`);
  });

  test("carry texts of any length", () => {
    const text = "ö".repeat(100_000);
    const frames = new FrameBuffer();
    frames.octet(7);
    frames.longString(text);
    const bytes = frames.take();
    expect([bytes.length, bytes[0], bytes.readUInt32BE(1)]).toEqual([200_005, 7, 200_000]);
    expect(bytes.toString("utf8", 5)).toBe(text);
  });

  test("refuse a name above 255 bytes", () => {
    const message = { body: Buffer.alloc(0), contentType: "", type: "", headers: { ["ü".repeat(128)]: 1 } };
    expect(() => written(message)).toThrow('"üüüüüüüüüüüüüüüüüüüü…" has 256 bytes, and AMQP takes at most 255 there');
  });

  test("refuse headers above what the broker takes in a frame", () => {
    const message = { body: Buffer.alloc(0), contentType: "", type: "", headers: { large: "x".repeat(4_096) } };
    expect(() => written(message)).toThrow(/^its properties and headers have 4\d\d\d bytes, and the broker takes 4096$/);
  });
});

test("a body goes in as many frames as it needs", () => {
  const parts = (body: string) => bodyParts(Buffer.from(body), 12).map(String);
  expect(parts("")).toEqual([]);
  expect(parts("abcd")).toEqual(["abcd"]);
  expect(parts("abcdefghij")).toEqual(["abcd", "efgh", "ij"]);
});
