import { expect, test } from "vitest";
import { asDelivered } from "@streamgauge/testing";
import type { Outcome } from "./bus.js";
import { sparing } from "./sparing.js";

const DEAD: Outcome = { kind: "dead", refusals: [{ reason: "no such feature" }] };
const RETRY: Outcome = { kind: "retry", reason: "the model was closed" };
const delivery = asDelivered({ body: Buffer.from("{}"), contentType: "", type: "features", headers: {} });

test("only what the champion cannot use becomes a dead letter", async () => {
  expect(await sparing("champion", async () => DEAD)(delivery)).toEqual(DEAD);
  expect(await sparing("challenger", async () => DEAD)(delivery)).toEqual({ kind: "done" });
  expect(await sparing("challenger", async () => RETRY)(delivery)).toEqual(RETRY);
});
