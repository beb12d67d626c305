import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import {
  alertContract,
  ALERTS,
  ALERTS_QUEUE,
  CHAMPION,
  COMMON_SETTINGS,
  DEAD_QUEUE,
  DONE,
  MemoryBroker,
  MemoryBus,
  QueueTakenError,
  readConfig,
  topologyOf,
  type Alert,
} from "@streamgauge/core";
import { captureLog, sampleAlert, startFakeReceiver, until, type FakeReceiver } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { receiversOf } from "./receivers/receivers.js";
import { startAlerts, type Alerts, type AlertsOptions } from "./service.js";
import { SETTINGS } from "./settings.js";

const folder = freshFolder();
const FIRING = sampleAlert("mae-high");
const RESOLVED = sampleAlert("mae-high", { state: "resolved" });

let broker: MemoryBroker;
let metrics: MemoryBus;
let running: Alerts[];
let receivers: FakeReceiver[];

beforeEach(() => {
  broker = new MemoryBroker(topologyOf([CHAMPION]));
  metrics = new MemoryBus(broker, "metrics", captureLog().log);
  running = [];
  receivers = [];
});

afterEach(async () => {
  await Promise.all(running.map((alerts) => alerts.close()));
  await Promise.all(receivers.map((receiver) => receiver.close()));
});

async function receiver(...options: Parameters<typeof startFakeReceiver>): Promise<FakeReceiver> {
  const started = await startFakeReceiver(...options);
  receivers.push(started);
  return started;
}

/** Starts alerts with these settings. `lines` are its log. */
async function start(env: Readonly<Record<string, string>> = {}, more: Partial<AlertsOptions> = {}) {
  const { log, lines } = captureLog("alerts", "info");
  const registry = new Registry();
  const config = readConfig(COMMON_SETTINGS, { LOGS_DIR: folder.path, ...env }, SETTINGS);
  const alerts = await startAlerts({
    bus: new MemoryBus(broker, "alerts", log),
    log,
    registry,
    logsDir: folder.path,
    statePath: folder.at(".state/alerts.json"),
    perHour: config.ALERTS_PER_HOUR,
    receivers: receiversOf(config),
    pauses: { first: 10, most: 20 },
    ...more,
  });
  running.push(alerts);
  return { alerts, lines, registry };
}

async function send(...alerts: readonly Alert[]): Promise<void> {
  for (const alert of alerts) await metrics.publish(ALERTS, alertContract.write(alert));
}

/** The alerts in the file. */
function inFile(): readonly Alert[] {
  if (!existsSync(folder.at("alerts.jsonl"))) return [];
  const lines = folder.read("alerts.jsonl").split("\n");
  return lines.slice(0, -1).map((line) => JSON.parse(line));
}

/** Resolves when so many alerts were taken and every receiver has them. */
async function settled(alerts: Alerts, count: number): Promise<void> {
  await until(
    `every receiver has ${count} alerts`,
    () => [inFile().length, alerts.waiting],
    ([taken, waiting]) => taken === count && waiting === 0,
  );
}

describe("Without a receiver", () => {
  test("alerts are logged, and appended to alerts.jsonl", async () => {
    const { alerts, lines } = await start();
    await send(FIRING, RESOLVED);
    await settled(alerts, 2);
    expect(inFile()).toEqual([FIRING, RESOLVED]);
    expect(lines.map((line) => line.replace(/^.*?(INFO|WARN)/, "$1").replace(/ \(alerts\)/, ""))).toEqual([
      `INFO: Alerts go to ${folder.at("alerts.jsonl")}.`,
      "WARN: FIRING mae-high (champion): MAE of the last hour is 61.5, above 50.",
      "INFO: RESOLVED mae-high (champion): MAE of the last hour is 61.5, above 50.",
    ]);
  });

  test("a line that was torn by a full disk stays, and the next alert has a line of its own", async () => {
    folder.write("alerts.jsonl", '{"fingerprint":"aa');
    const { alerts } = await start();
    await send(FIRING);
    await until("the file has two lines", () => folder.read("alerts.jsonl").split("\n").length === 3);
    await until(
      "the alert is delivered",
      () => alerts.waiting,
      (waiting) => waiting === 0,
    );
    expect(folder.read("alerts.jsonl")).toBe(`{"fingerprint":"aa\n${JSON.stringify(FIRING)}\n`);
  });
});

describe("A webhook", () => {
  test("gets each alert signed, in order", async () => {
    const hook = await receiver();
    const secret = "sixteen letters!";
    const { alerts } = await start({ ALERT_WEBHOOK_URLS: `${hook.url}/hook?to=me`, ALERT_WEBHOOK_SECRET: secret });
    await send(FIRING, RESOLVED);
    const [first, second] = await hook.first(2);
    await settled(alerts, 2);
    expect([first, second].map((request) => JSON.parse(request?.body ?? "").data)).toEqual([FIRING, RESOLVED]);
    const { path, headers, body } = first ?? { path: "", headers: {}, body: "" };
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    expect({ path, id: headers["webhook-id"], type: headers["content-type"] }).toEqual({
      path: "/hook?to=me",
      id: "aa7c0e599d806eb8-1700000000000.firing",
      type: "application/json",
    });
    expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", secret).update(signed).digest("base64")}`);
  });

  test("with a user and a password in its URL is sent them as basic authentication", async () => {
    const hook = await receiver();
    await start({ ALERT_WEBHOOK_URLS: hook.url.replace("//", "//me:p%40ss@") });
    await send(FIRING);
    const [request] = await hook.first(1);
    // printf 'me:p@ss' | base64
    expect(request?.headers.authorization).toBe("Basic bWU6cEBzcw==");
  });
});

describe("A receiver that fails holds up no other, and gets its alerts later", () => {
  test("when it answers 500", async () => {
    const [bad, good] = [await receiver(500), await receiver()];
    const { alerts, lines, registry } = await start({ ALERT_WEBHOOK_URLS: `${bad.url},${good.url}` });
    await send(FIRING, RESOLVED);
    await good.first(2);
    await bad.first(3);
    bad.answer = 200;
    await settled(alerts, 2);
    const got = bad.requests.slice(-2).map(({ headers }) => headers["webhook-id"]);
    expect(got).toEqual(["aa7c0e599d806eb8-1700000000000.firing", "aa7c0e599d806eb8-1700000000000.resolved"]);
    expect(lines.filter((line) => /answers 500/.test(line))).toHaveLength(1);
    await until("it says that it goes on", () => lines.some((line) => /takes alerts again/.test(line)));
    const metric = await registry.getSingleMetricAsString("streamgauge_alerts_delivered_total");
    expect(metric).toContain(`{receiver="webhook ${new URL(bad.url).host}"} 2`);
  });

  test("when it never answers: it is given up after ALERT_TIMEOUT_MS", async () => {
    const [hung, good] = [await receiver(() => undefined), await receiver()];
    const { alerts, lines } = await start({ ALERT_WEBHOOK_URLS: `${hung.url},${good.url}`, ALERT_TIMEOUT_MS: "100" });
    await send(FIRING);
    await good.first(1);
    await hung.first(2);
    hung.answer = 204;
    await settled(alerts, 1);
    expect(lines.find((line) => /100 ms/.test(line))).toMatch(
      /webhook 127\.0\.0\.1:\d+ does not answer within 100 ms\. 1 alert waits for it/,
    );
  });

  test("when its answer never ends", async () => {
    const endless = await receiver((_, response) => void response.writeHead(200).write("…"));
    const { alerts } = await start({ ALERT_WEBHOOK_URLS: endless.url });
    await send(FIRING);
    await settled(alerts, 1);
    expect(endless.requests).toHaveLength(1);
  });

  test("when it is away", async () => {
    const gone = await receiver();
    await gone.close();
    const { alerts, lines } = await start({ ALERT_SLACK_URLS: `${gone.url}/services/T1/B2/secret-token` });
    await send(FIRING);
    await until("it is said", () => lines.some((line) => /cannot be reached \(ECONNREFUSED\)/.test(line)));
    const back = await receiver(200, Number(new URL(gone.url).port));
    const [request] = await back.first(1);
    await settled(alerts, 1);
    expect(request?.path).toBe("/services/T1/B2/secret-token");
    expect(lines.join("\n")).not.toContain("secret-token");
  });

  test("when it redirects: that is not followed, and what to do is said", async () => {
    const other = await receiver();
    const moved = await receiver((_, response) => void response.writeHead(307, { location: other.url }).end());
    const { lines } = await start({ ALERT_WEBHOOK_URLS: moved.url });
    await send(FIRING);
    await until("it is said", () => lines.some((line) => /answers 307, a redirect: set its URL to where that leads/.test(line)));
    expect(other.requests).toEqual([]);
  });

  test("when it asks for a pause: it gets one", async () => {
    const busy = await receiver((_, response) => void response.writeHead(429, { "retry-after": "3600" }).end());
    const { alerts, lines } = await start({ ALERT_WEBHOOK_URLS: busy.url });
    await send(FIRING);
    await until("it is said", () => lines.some((line) => /answers 429: it asks for fewer messages/.test(line)));
    await send(RESOLVED);
    await until("the second alert is in the file", inFile, ({ length }) => length === 2);
    await alerts.close();
    expect(busy.requests).toHaveLength(1);
  });

  test("when it refuses one alert: the others get through", async () => {
    const picky = await receiver(({ body }, response) => void response.writeHead(body.includes("rmse-high") ? 400 : 200).end());
    const { lines } = await start({ ALERT_WEBHOOK_URLS: picky.url });
    await send(sampleAlert("rmse-high"), FIRING);
    await picky.first(2);
    // It is over before it is tried again: its end waits behind it.
    await send(sampleAlert("rmse-high", { state: "resolved" }));
    await until("its end is in the file", inFile, ({ length }) => length === 3);
    await send(RESOLVED);
    await picky.first(3);
    expect(picky.requests.map(({ body }) => JSON.parse(body).data.rule)).toEqual(["rmse-high", "mae-high", "mae-high"]);
    await until("it is said", () =>
      lines.some((line) => /answers 400; it refuses the alert .*\.firing, which is tried again later/.test(line)),
    );
  });
});

describe("An Alertmanager", () => {
  test("gets an alert again while it fires, and its end", async () => {
    const manager = await receiver();
    const { alerts } = await start({ ALERTMANAGER_URLS: manager.url, ALERT_RESEND_MS: "100" });
    await send(FIRING);
    await manager.first(3);
    await send(RESOLVED);
    await settled(alerts, 2);
    const sent = manager.requests.map(({ path, body }) => ({ path, ...JSON.parse(body)[0] }));
    const last = sent.at(-1);
    expect(new Set(sent.map(({ path, startsAt, labels }) => JSON.stringify([path, startsAt, labels.fingerprint])))).toEqual(
      new Set(['["/api/v2/alerts","2023-11-14T22:13:20.000Z","aa7c0e599d806eb8"]']),
    );
    expect(last.endsAt).toBe("2023-11-14T22:23:20.000Z");
    expect(Date.parse(sent[0].endsAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  test("goes on after a restart", async () => {
    const manager = await receiver();
    const env = { ALERTMANAGER_URLS: manager.url, ALERT_RESEND_MS: "3600000" };
    const { alerts } = await start(env);
    await send(FIRING);
    await manager.first(1);
    await settled(alerts, 1);
    await alerts.close();
    await start(env);
    const [, again] = await manager.first(2);
    expect(JSON.parse(again?.body ?? "")).toMatchObject([{ labels: { fingerprint: "aa7c0e599d806eb8" } }]);
  });
});

describe("With ALERTS_PER_HOUR=3", () => {
  test("a webhook gets two alerts and a summary; the rest waits and is not lost, also over a restart", async () => {
    const hook = await receiver();
    const env = { ALERT_WEBHOOK_URLS: hook.url, ALERTS_PER_HOUR: "3" };
    hook.answer = 500;
    const { alerts } = await start(env);
    const sent = Array.from({ length: 10 }, (_, i) => sampleAlert(`rule-${i}`));
    await send(...sent);
    await until("ten alerts are in the file", inFile, ({ length }) => length === 10);
    hook.answer = 200;
    await settled(alerts, 10);
    const bodies = hook.requests.slice(-3).map(({ body }) => JSON.parse(body));
    expect(bodies.map(({ type }) => type)).toEqual(["alert.firing", "alert.firing", "alerts.summary"]);
    expect([bodies[0].data, bodies[1].data, ...bodies[2].data.alerts]).toEqual(sent);
    await send(sampleAlert("rule-10"));
    await until("eleven alerts are in the file", inFile, ({ length }) => length === 11);
    await alerts.close();
    const before = hook.requests.length;
    const { alerts: again } = await start(env);
    await send(sampleAlert("rule-11"));
    await until("twelve alerts are in the file", inFile, ({ length }) => length === 12);
    expect([again.waiting, hook.requests.length]).toEqual([2, before]);
  });
});

describe("A message", () => {
  test("that comes again is delivered once", async () => {
    const hook = await receiver();
    const { alerts } = await start({ ALERT_WEBHOOK_URLS: hook.url });
    await send(FIRING, FIRING, RESOLVED);
    await hook.first(2);
    await settled(alerts, 2);
    expect(inFile()).toEqual([FIRING, RESOLVED]);
  });

  test("that is no alert goes to the dead letters with the reason", async () => {
    await start();
    await metrics.publish(ALERTS, { ...alertContract.write(FIRING), body: Buffer.from('{"rule":"x"}') });
    const reasons = await until(
      "it is a dead letter",
      async () => {
        const found: unknown[] = [];
        await metrics.drain(DEAD_QUEUE, 10, async ({ headers }) => {
          found.push(headers["dead-reason"]);
          return DONE;
        });
        return found;
      },
      ({ length }) => length > 0,
    );
    expect(reasons).toEqual([expect.stringMatching(/^the message must have required properties .*; expected an alert, /)]);
  });

  test("is not acknowledged before it is on disk", async () => {
    // A folder in the place of the file that is written beside the state.
    mkdirSync(folder.at(".state/alerts.json.new"), { recursive: true });
    const { alerts, lines } = await start();
    await send(FIRING);
    await until("it is said", () => lines.some((line) => /The state of alerts cannot be written/.test(line)));
    await alerts.close();
    expect(await metrics.depth(ALERTS_QUEUE)).toBe(1);
    rmSync(folder.at(".state/alerts.json.new"), { recursive: true });
    const { alerts: again } = await start();
    await until(
      "it is taken",
      () => metrics.depth(ALERTS_QUEUE),
      (depth) => depth === 0,
    );
    // The file got it before the state could be written, and gets it again: at least once.
    await settled(again, 2);
  });
});

describe("At start", () => {
  test("a damaged state is set aside", async () => {
    mkdirSync(folder.at(".state"));
    writeFileSync(folder.at(".state/alerts.json"), "{");
    const { lines } = await start();
    expect(lines[0]).toMatch(/The state of alerts cannot be read: it is not JSON\. It is kept as .*alerts\.json\.damaged-\d+; /);
  });

  test("a second process is refused while one runs, and delivers nothing", async () => {
    const [bad, other] = [await receiver(500), await receiver()];
    await start({ ALERT_WEBHOOK_URLS: bad.url });
    await send(FIRING);
    await bad.first(1);
    await expect(start({ ALERT_WEBHOOK_URLS: other.url })).rejects.toThrow(QueueTakenError);
    const { receivers: known }: { receivers: readonly unknown[] } = JSON.parse(folder.read(".state/alerts.json"));
    // Its state is still that of the first: the file and one webhook.
    expect([other.requests, known.length]).toEqual([[], 2]);
  });

  test.each([
    [
      "ALERT_SLACK_URLS",
      "hooks/T1/secret-token",
      /ALERT_SLACK_URLS must be URLs like .*; number 1 is not one \(its value is not shown\)\./,
    ],
    ["ALERT_WEBHOOK_SECRET", "too-short", /ALERT_WEBHOOK_SECRET must have 16 characters or more \(its value is not shown\)\./],
    ["ALERTMANAGER_URLS", "ftp://host", /ALERTMANAGER_URLS must be URLs like http:\/\/alertmanager:9093, .* \(it is "ftp:\/\/host"\)\./],
  ])("a mistake in %s is said without a secret", (name, value, message) => {
    const read = () => readConfig(COMMON_SETTINGS, { [name]: value }, SETTINGS);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/secret-token|too-short/);
  });
});
