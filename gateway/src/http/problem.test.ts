import { expect, test } from "vitest";
import { statusAndDetail } from "./problem.js";

test("a client that goes away in the middle of its request is no fault of the gateway", () => {
  const aborted = Object.assign(new Error("aborted"), { code: "ECONNRESET" });
  expect(statusAndDetail(aborted)).toEqual({ status: 400, detail: "The client went away before its request was whole." });
});

test("what is wrong inside is not told", () => {
  expect(statusAndDetail(new Error("secret"))).toEqual({ status: 500, detail: "Something went wrong here; the gateway's log says what." });
});
