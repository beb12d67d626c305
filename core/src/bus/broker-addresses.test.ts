import { describe, expect, test } from "vitest";
import { addressesOf } from "./broker-addresses.js";

describe("a broker's URL", () => {
  test.each([
    ["amqp://u:p@a:5672,b:5673,c/v", ["amqp://u:p@a:5672/v", "amqp://u:p@b:5673/v", "amqp://u:p@c/v"]],
    ["amqps://u:p@a,b?heartbeat=5", ["amqps://u:p@a?heartbeat=5", "amqps://u:p@b?heartbeat=5"]],
    ["amqp://a,b", ["amqp://a", "amqp://b"]],
    ["amqp://[::1]:5672,[::2],c/%2F", ["amqp://[::1]:5672/%2F", "amqp://[::2]/%2F", "amqp://c/%2F"]],
    ["amqp://u:p,q@a,b", ["amqp://u:p,q@a", "amqp://u:p,q@b"]],
    ["amqp://u:p%40q@a,b", ["amqp://u:p%40q@a", "amqp://u:p%40q@b"]],
    ["amqp://a/one,two", ["amqp://a/one,two"]],
    ["amqp://u:p@q@a", ["amqp://u:p@q@a"]],
    ["amqp://localhost", ["amqp://localhost"]],
    ["memory:up", ["memory:up"]],
  ])("%s is split", (url, urls) => {
    expect(addressesOf(url)).toEqual(urls);
  });

  test.each([
    ["amqp://u:secret@a,,b", 'must have addresses like host:5672, separated by commas; number 2 is ""'],
    ["amqp://u:secret@a,b,", 'must have addresses like host:5672, separated by commas; number 3 is ""'],
    ["amqp://u:secret@a, b", 'must have addresses like host:5672, separated by commas; number 2 is " b"'],
    ["amqp://u:secret@a:x,b", 'must have addresses like host:5672, separated by commas; number 1 is "a:x"'],
    ["amqp://u:secret@a:70000,b", 'must have addresses like host:5672, separated by commas; number 1 is "a:70000"'],
    ["amqp://u:secret@a,B:5672,b", "must have different addresses; b is there twice"],
    ["amqps://a:5671,a", "must have different addresses; a is there twice"],
    [
      "amqp://u:secret@a,u:secret@b",
      "must have user and password once, before the first address: amqp://user:password@a:5672,b:5672 (an @ in them is %40)",
    ],
    [`amqp://${Array.from({ length: 17 }, (_, i) => `h${i}`).join(",")}`, "must have at most 16 addresses, and it has 17"],
    ["localhost", "must be a URL"],
  ])("%s is refused", (url, message) => {
    expect(() => addressesOf(url)).toThrow(new Error(message));
  });
});
