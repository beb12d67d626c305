import { expect, test } from "vitest";
import { loginTarget } from "./login-target.js";

const ORIGIN = "https://gauge.example";

test.each([
  [null, "/"],
  ["/jobs?a=1", "/jobs?a=1"],
  ["https://evil.example/x", "/"],
  ["//evil.example/x", "/"],
  ["/.//evil.example/x", `${ORIGIN}//evil.example/x`],
  ["/\\evil.example", "/"],
  ["javascript:alert(1)", "/"],
  ["http://", "/"],
])("%j leads to a page of this site", (to, expected) => {
  const target = new URL(loginTarget(to, ORIGIN), ORIGIN);
  expect(target.href).toBe(new URL(expected, ORIGIN).href);
  expect(target.host).toBe("gauge.example");
});
