import { expect, test } from "vitest";
import { AddressRing } from "./address-ring.js";

const URLS = ["amqp://a", "amqp://b", "amqp://c"] as const;

test.each([
  [0, "amqp://a"],
  [0.34, "amqp://b"],
  [0.999, "amqp://c"],
])("begins at random: %f", (random, url) => {
  expect(new AddressRing(URLS, random).url).toBe(url);
});

test("goes around, and a wait is due after each round", () => {
  const ring = new AddressRing(URLS, 0.5);
  const tries = Array.from({ length: 6 }, () => ({ url: ring.url, hasFailed: ring.hasFailed, wait: ring.failed() }));
  expect(tries).toEqual([
    { url: "amqp://b", hasFailed: false, wait: false },
    { url: "amqp://c", hasFailed: false, wait: false },
    { url: "amqp://a", hasFailed: false, wait: true },
    { url: "amqp://b", hasFailed: true, wait: false },
    { url: "amqp://c", hasFailed: true, wait: false },
    { url: "amqp://a", hasFailed: true, wait: true },
  ]);
});

test("after a link that stood, each has its try again before a wait", () => {
  const ring = new AddressRing(URLS, 0);
  ring.failed();
  ring.stands();
  ring.next();
  expect([ring.url, ring.failed(), ring.failed(), ring.failed()]).toEqual(["amqp://c", false, false, true]);
});

test("one address is tried again after a wait each time", () => {
  const ring = new AddressRing(["amqp://a"], 0.7);
  expect([ring.url, ring.failed(), ring.url, ring.failed()]).toEqual(["amqp://a", true, "amqp://a", true]);
});
