import { MessageTooLargeError } from "@streamgauge/core";
import { expect, test } from "vitest";
import { statusAndDetail } from "./problem.js";

test("a client that goes away in the middle of its request is no fault of the gateway", () => {
  const aborted = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
  expect(statusAndDetail(aborted)).toEqual({ status: 400, detail: "The client went away before its request was whole." });
});

test("a message above the limit of the broker at hand is named, with what to do", () => {
  expect(statusAndDetail(new MessageTooLargeError(2_000_001, 2_000_000, { of: "this broker", remedy: "raise its limit" }))).toEqual({
    status: 413,
    detail:
      "A message of 2000001 bytes is above the limit of 2000000 of this broker: " +
      "send fewer rows a frame (FRAME_ROWS) or a request, or raise its limit.",
  });
});

test("what is wrong inside is not shown", () => {
  expect(statusAndDetail(new Error("secret"))).toEqual({ status: 500, detail: "Something went wrong here; the gateway's log says what." });
});
