import { expect, test } from "vitest";
import { predictionPath } from "./prediction-path.js";

test.each([
  ["p1", "/predictions/p1"],
  ["p/1?a#b", "/predictions/p%2F1%3Fa%23b"],
  ["...", "/predictions/..."],
  [".", "/prediction?id=."],
  ["..", "/prediction?id=.."],
])("the prediction %s is at %s, and a client leaves that as it is", (id, path) => {
  expect(predictionPath(id)).toBe(path);
  const { pathname, search } = new URL(path, "http://gateway:8080");
  expect(pathname + search).toBe(path);
});
