import { featuresContract, Ids } from "@streamgauge/core";
import { asDelivered } from "@streamgauge/testing";
import { expect, test } from "vitest";
import { readMessage } from "./rows-to-score.js";

test.each([
  ["application/vnd.apache.arrow.stream", "arrow"],
  ["Application/vnd.Apache.Arrow.Stream; x=1", "arrow"],
])("a message of the type %s is answered in %s", (contentType, format) => {
  const frame = { ids: Ids.of(["a", "b"]), columns: new Map([["age", Float64Array.of(59, 48)]]) };
  const message = readMessage(asDelivered({ ...featuresContract.write(frame, "arrow", 5), contentType }));
  expect([message.format, message.rows, message.refusals]).toEqual([format, 2, []]);
});

test("a message whose type no service reads is answered in JSON", () => {
  const frame = { ids: Ids.of(["a"]), columns: new Map([["age", Float64Array.of(59)]]) };
  const message = readMessage(asDelivered({ ...featuresContract.write(frame, "json", 5), contentType: "application/x-arrow" }));
  expect([message.format, message.frame]).toEqual(["json", undefined]);
});
