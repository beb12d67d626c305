import { asDelivered } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { FrameRefusedError } from "../frames/frame.js";
import { alertContract } from "./alert-contract.js";
import type { Alert } from "./alert.js";
import { alertKey, episodeOf, fingerprintOf } from "./fingerprint.js";

const ALERT: Alert = {
  fingerprint: "aa7c0e599d806eb8",
  episode: "aa7c0e599d806eb8-1700000000000",
  state: "firing",
  test: false,
  rule: "mae-high",
  kind: "mae",
  severity: "warning",
  lane: "champion",
  model: "diabetes@ca12cffa9dbb",
  summary: "MAE of the last hour is 61.5, above 50.",
  value: 61.5,
  bound: 50,
  unit: "mg/dl",
  window_s: 3600,
  since: "2023-11-14T22:08:20.000Z",
  fired_at: "2023-11-14T22:13:20.000Z",
  resolved_at: null,
  segments: [{ name: "age > 60", rows: 12, mae: 80.25 }],
  page_url: "http://localhost:8000/",
  log: { file: "metric_log.csv", from: 1024, to: 2048 },
};

describe("An alert", () => {
  test("is read as it was written", () => {
    const message = alertContract.write(ALERT);
    expect(message).toMatchObject({ type: "alert", contentType: "application/json", headers: { contract: 1 } });
    expect(alertContract.read(asDelivered(message))).toEqual(ALERT);
  });

  test("may have properties that this version does not know", () => {
    const ofLater = { ...ALERT, later: 1 };
    expect(alertContract.read(asDelivered(alertContract.write(ofLater)))).toEqual(ofLater);
  });

  test.each([
    ["no rule", { rule: "" }, /^rule must not have fewer than 1 characters; expected an alert, /],
    ["a number for its lane", { lane: 3 }, /^lane must be string; /],
    ["a time of another form", { since: "yesterday" }, /^since must match pattern /],
    ["eleven segments", { segments: Array.from({ length: 11 }, () => ALERT.segments[0]) }, /^segments must not have more than 10 items; /],
    ["half a byte range", { log: { file: "metric_log.csv", from: 0 } }, /^log must have required properties to; /],
  ])("with %s is refused, and the field is named", (_, wrong, reason) => {
    const body = Buffer.from(JSON.stringify({ ...ALERT, ...wrong }));
    expect(() => alertContract.read(asDelivered({ ...alertContract.write(ALERT), body }))).toThrow(reason);
  });

  test.each([
    ["of another type", { type: "y_true" }, 'the property type says "y_true"; this queue takes "alert"'],
    ["of a later contract", { headers: { contract: 2 } }, "the header contract says version 2; this program reads version 1"],
    [
      "that is no JSON",
      { contentType: "application/vnd.apache.arrow.stream" },
      'the property content_type is "application/vnd.apache.arrow.stream"; send application/json',
    ],
    ["with no body", { body: Buffer.alloc(0) }, "the body is empty"],
  ])("%s is refused", (_, wrong, reason) => {
    const delivery = asDelivered({ ...alertContract.write(ALERT), ...wrong });
    expect(() => alertContract.read(delivery)).toThrow(FrameRefusedError);
    expect(() => alertContract.read(delivery)).toThrow(reason);
  });
});

describe("A fingerprint", () => {
  const subject = { rule: "mae-high", lane: "champion", model: "diabetes@ca12cffa9dbb" };

  test("is the start of the SHA-256 of rule, lane and model version", () => {
    // printf '["mae-high","champion","diabetes@ca12cffa9dbb"]' | sha256sum
    expect(fingerprintOf(subject)).toBe("aa7c0e599d806eb8");
  });

  test("differs for another rule, lane or model version", () => {
    const others = [
      { ...subject, rule: "rmse-high" },
      { ...subject, lane: "challenger" },
      { ...subject, model: "" },
    ];
    expect(new Set([subject, ...others].map(fingerprintOf)).size).toBe(4);
  });

  test("is a part of the episode, and with the state it knows a message", () => {
    const episode = episodeOf(fingerprintOf(subject), 1_700_000_000_000);
    expect(episode).toBe("aa7c0e599d806eb8-1700000000000");
    expect(alertKey({ episode, state: "resolved" })).toBe("aa7c0e599d806eb8-1700000000000.resolved");
  });
});
