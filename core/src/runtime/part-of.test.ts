import { expect, test } from "vitest";
import { partOf } from "./run-service.js";

test("a part of a scope closes what it owns in reverse order, once, and what cannot be closed holds up no other", async () => {
  const closed: string[] = [];
  const never = () => expect.unreachable();
  const part = partOf({ own: never, signal: new AbortController().signal, stop: never, fail: never });
  for (const name of ["a", "b", "c"]) {
    part.own({
      close: async () => {
        closed.push(name);
        if (name !== "a") throw new Error(`${name} is stuck`);
      },
    });
  }
  await expect(part.close()).rejects.toThrow("c is stuck");
  await part.close();
  expect(closed).toEqual(["c", "b", "a"]);
});
