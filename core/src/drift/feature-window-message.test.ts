import { expect, test } from "vitest";
import { CodeLayout } from "./code-layout.js";
import { readFeatureWindows, writeFeatureWindows } from "./feature-window-message.js";
import { FeatureWindow } from "./feature-window.js";
import { monitoredReference } from "./monitored-reference.js";
import { referenceOf } from "./reference.js";

const layout = new CodeLayout("0cba33ef67f1", [{ of: "number", bins: 5 }]);
const window = new FeatureWindow(0, "m@1", layout);
window.predict(Uint8Array.of(1), 0, []);
window.label(Uint8Array.of(1), 0, Infinity, false);
const message = {
  lane: "champion",
  partition: "champion",
  epoch: 1,
  watermark: 2,
  references: [monitoredReference(referenceOf(2, new Map([["x", Float64Array.of(1, 2)]])), [])],
  windows: [window.save()],
};

const deliver = (body: Buffer) => ({
  ...writeFeatureWindows(message),
  body,
  timestamp: undefined,
  redeliveries: 0,
  messageId: "m",
  appId: "metrics",
  source: { exchange: "feature-windows", routingKey: "", queue: "feature-windows" },
});

test("windows of features and their references are read as they were written", () => {
  expect(readFeatureWindows(deliver(writeFeatureWindows(message).body))).toEqual({ ...message, refusals: [] });
});

test("a window that cannot be read is refused, and the others are read", () => {
  const later = { ...window.save(), version: 2 };
  const odd = { ...window.save(), layout: "none" };
  const read = readFeatureWindows(deliver(Buffer.from(JSON.stringify({ ...message, windows: [later, odd, window.save()] }))));
  expect(read.windows).toEqual([window.save()]);
  expect(read.refusals).toEqual([
    { field: "windows/0", reason: "the window has format 2, of a later version of metrics; this program knows up to 1: upgrade it" },
    { field: "windows/1", reason: "its layout is none" },
  ]);
});
