import { Writable } from "node:stream";
import { expect, test } from "vitest";
import type { Message } from "../bus.js";
import { PublishSocket } from "./publish-socket.js";
import { wireOf } from "./wire.js";

const TO = { exchange: "rows", routingKey: "all" };
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function message(body: string): Message {
  return { body: Buffer.from(body), contentType: "text/plain", type: "t", headers: {} };
}

/** A socket, and what was written into it. */
function open() {
  const chunks: Buffer[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    chunks.push(chunk);
    done();
  };
  const socket = new Writable({ write });
  return { chunks, publishes: new PublishSocket({ socket, frameMax: 131_072, channel: 3 }, "test") };
}

test("what a turn sends, and the promises that it settles, goes into the socket in one piece", async () => {
  const { chunks, publishes } = open();
  publishes.write(TO, message("first"), "m-1");
  await Promise.resolve();
  publishes.write(TO, message("second"), "m-2");
  expect(chunks).toHaveLength(0);
  await turn();
  expect(chunks).toHaveLength(1);
  const text = String(chunks[0]);
  expect(text.indexOf("first")).toBeGreaterThan(0);
  expect(text.indexOf("second")).toBeGreaterThan(text.indexOf("first"));
  publishes.write(TO, message("third"), "m-3");
  await turn();
  expect(chunks).toHaveLength(2);
});

test("a large body is passed on as it is, between its frames and in the order of sending", async () => {
  const { chunks, publishes } = open();
  const large = "~".repeat(200_000);
  publishes.write(TO, message("before"), "m-1");
  publishes.write(TO, message(large), "m-2");
  publishes.write(TO, message("after"), "m-3");
  await turn();
  // Each of the two frames of the body holds 8 bytes less than the broker takes in one.
  expect(chunks.map(({ length }) => length).filter((length) => length > 10_000)).toEqual([131_064, 68_936]);
  const text = Buffer.concat(chunks).toString("latin1");
  expect(text.replaceAll(/[^~]/g, "")).toHaveLength(200_000);
  expect(text.indexOf("before")).toBeLessThan(text.indexOf("~~~"));
  expect(text.indexOf("after")).toBeGreaterThan(text.lastIndexOf("~~~"));
});

test("of a message that cannot be carried nothing is written", async () => {
  const { chunks, publishes } = open();
  publishes.write(TO, message("a"), "m-1");
  expect(() => publishes.write(TO, { ...message("bad"), headers: { ["n".repeat(256)]: 1 } }, "m-2")).toThrow(RangeError);
  publishes.write(TO, message("c"), "m-3");
  await turn();
  const text = Buffer.concat(chunks).toString("latin1");
  expect([text.includes("m-1"), text.includes("m-2"), text.includes("m-3")]).toEqual([true, false, true]);
});

test("what a channel that is over did not write is forgotten", async () => {
  const { chunks, publishes } = open();
  publishes.write(TO, message("a"), "m-1");
  publishes.discard();
  await turn();
  expect(chunks).toHaveLength(0);
});

test("another inside of amqplib is named at once", () => {
  expect(() => wireOf({ stream: {}, frameMax: 4_096 }, { ch: 1 })).toThrow(
    "This amqplib is not the version that the program is made for: install the one that package.json names.",
  );
});
