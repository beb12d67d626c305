import { expect, test } from "vitest";
import { asDelivered } from "@streamgauge/testing";
import type { Outcome } from "./bus.js";
import { dropRefusals } from "./drop-refusals.js";

const DEAD: Outcome = { kind: "dead", refusals: [{ reason: "no such feature" }] };
const RETRY: Outcome = { kind: "retry", reason: "the model was closed" };
const delivery = asDelivered({ body: Buffer.from("{}"), contentType: "", type: "features", headers: {} });

test("only what the champion cannot use becomes a dead letter", async () => {
  expect(await dropRefusals("champion", async () => DEAD)(delivery)).toEqual(DEAD);
  expect(await dropRefusals("challenger", async () => DEAD)(delivery)).toEqual({ kind: "done" });
  expect(await dropRefusals("challenger", async () => RETRY)(delivery)).toEqual(RETRY);
});
