import { sampleAlert } from "@streamgauge/testing";
import { describe, expect, test } from "vitest";
import { alertmanagerAlert, alertmanagerUrl } from "./alertmanager.js";
import { textOf } from "./notification-text.js";
import { slackBody } from "./slack.js";
import { signedHeaders } from "./signature.js";
import { webhookBody } from "./webhook.js";

const FIRING = sampleAlert("mae-high");
const RESOLVED = sampleAlert("mae-high", { state: "resolved" });
const SUMMARY = { kind: "summary", id: "summary-1", alerts: [FIRING, RESOLVED], skipped: 3 } as const;

describe("A webhook gets", () => {
  test("an alert with its type and the time", () => {
    expect(webhookBody({ kind: "alert", id: "1", alert: RESOLVED }, 1_700_000_700_000)).toEqual({
      type: "alert.resolved",
      timestamp: "2023-11-14T22:25:00.000Z",
      data: RESOLVED,
    });
  });

  test("a summary with all of its alerts, and how many are left out", () => {
    expect(webhookBody(SUMMARY, 1_700_000_700_000)).toEqual({
      type: "alerts.summary",
      timestamp: "2023-11-14T22:25:00.000Z",
      data: {
        summary: "2 alerts in one, because ALERTS_PER_HOUR is reached: 1 firing, 1 resolved. 3 older ones are in the file of alerts only.",
        skipped: 3,
        alerts: [FIRING, RESOLVED],
      },
    });
  });
});

describe("A signature", () => {
  test("is the one of the example in the specification of Standard Webhooks", () => {
    // The test vector of the reference libraries.
    const body = '{"test": 2432232314}';
    expect(signedHeaders("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  test("by a secret that is text takes it as it is", () => {
    // printf '1.2.{}' | openssl dgst -sha256 -hmac 'sixteen letters!' -binary | base64
    expect(signedHeaders("1", 2, "{}", "sixteen letters!")["webhook-signature"]).toBe("v1,zAROMdrB+fNG7dkCyWrvLSjYgwXVPXpuolH69Avsk8E=");
  });

  test("is left out without a secret", () => {
    expect(signedHeaders("1", 2, "{}", "")).toEqual({ "webhook-id": "1", "webhook-timestamp": "2" });
  });
});

describe("Slack gets", () => {
  test("one text with all facts, in which nothing can be a link or a mention", () => {
    const alert = sampleAlert("mae-high", {
      summary: "MAE <!channel> & more",
      page_url: "http://localhost:8000/?a=1&b=2",
      log: { file: "metric_log.csv", from: 10, to: 200 },
      segments: [{ name: "age > 60", rows: 12, mae: 80.25 }],
    });
    expect(slackBody({ kind: "alert", id: "1", alert }).text.split("\n")).toEqual([
      "FIRING mae-high (champion): MAE &lt;!channel&gt; &amp; more",
      "severity warning · model diabetes@ca12cffa9dbb · since 2023-11-14T22:08:20.000Z · metric_log.csv, bytes 10 to 200",
      "• age &gt; 60: 12 rows, MAE 80.25",
      "<http://localhost:8000/?a=1&amp;b=2>",
    ]);
  });

  test("a summary with a line for each alert", () => {
    expect(slackBody(SUMMARY).text.split("\n").slice(1)).toEqual([
      "FIRING mae-high (champion): MAE of the last hour is 61.5, above 50.",
      "RESOLVED mae-high (champion): MAE of the last hour is 61.5, above 50.",
    ]);
  });

  test("at most 4,000 characters, and how many alerts are left out", () => {
    const alerts = Array.from({ length: 100 }, () => sampleAlert("mae-high", { summary: "x".repeat(400) }));
    const { text } = slackBody({ kind: "summary", id: "1", alerts, skipped: 0 });
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text.split("\n").at(-1)).toBe("… and 91 more, in the file of alerts.");
  });
});

test("A single text that is too long is cut", () => {
  const alert = sampleAlert("r", { summary: "x".repeat(500) });
  expect(textOf({ kind: "alert", id: "1", alert }, 160)).toBe(`FIRING r (champion): ${"x".repeat(79)}`);
});

describe("An Alertmanager gets", () => {
  test("labels that stay the same during an episode, and the rest as annotations", () => {
    const alert = sampleAlert("mae-high", { log: { file: "metric_log.csv", from: 10, to: 200 }, page_url: "http://localhost:8000/" });
    const expires = Date.parse("2023-11-14T23:00:00Z");
    const labels = {
      alertname: "mae-high",
      service: "streamgauge",
      kind: "mae",
      severity: "warning",
      lane: "champion",
      model: "diabetes@ca12cffa9dbb",
      fingerprint: "aa7c0e599d806eb8",
    };
    expect(alertmanagerAlert(alert, expires)).toEqual({
      labels,
      annotations: {
        summary: "MAE of the last hour is 61.5, above 50.",
        value: "61.5",
        bound: "50",
        window: "3600 s",
        since: "2023-11-14T22:08:20.000Z",
        episode: "aa7c0e599d806eb8-1700000000000",
        log: "metric_log.csv 10-200",
      },
      startsAt: "2023-11-14T22:13:20.000Z",
      endsAt: "2023-11-14T23:00:00.000Z",
      generatorURL: "http://localhost:8000/",
    });
    const resolved = alertmanagerAlert({ ...RESOLVED, value: 12 }, expires);
    expect(resolved).toMatchObject({ labels, startsAt: "2023-11-14T22:13:20.000Z", endsAt: "2023-11-14T22:23:20.000Z" });
  });

  test.each([
    ["http://am:9093", "http://am:9093/api/v2/alerts"],
    ["http://am:9093/", "http://am:9093/api/v2/alerts"],
    ["https://host/alertmanager/", "https://host/alertmanager/api/v2/alerts"],
    ["https://host/api/v2/alerts", "https://host/api/v2/alerts"],
  ])("them below %s at %s", (given, url) => {
    expect(alertmanagerUrl(given)).toBe(url);
  });
});
