import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as alerts from "@streamgauge/alerts";
import {
  alertContract,
  ALERTS,
  ALERTS_QUEUE,
  CHAMPION,
  connectBus,
  createLogger,
  episodeOf,
  fingerprintOf,
  topologyOf,
  type Alert,
  type Bus,
} from "@streamgauge/core";
import { Registry } from "prom-client";
import type { AllConfig } from "../settings.js";

/** A sample, and its end. @param now - ms since 1970. */
export function testAlerts(now: number): readonly Alert[] {
  const subject = { rule: "test", lane: CHAMPION, model: "" };
  const fingerprint = fingerprintOf(subject);
  const time = new Date(now).toISOString();
  const firing: Alert = {
    ...subject,
    fingerprint,
    episode: episodeOf(fingerprint, now),
    state: "firing",
    test: true,
    kind: "test",
    severity: "info",
    summary: "This is a sample of streamgauge alerts --test; nothing is wrong.",
    value: null,
    bound: null,
    unit: "",
    window_s: null,
    since: time,
    fired_at: time,
    resolved_at: null,
    segments: [],
    page_url: null,
    log: null,
  };
  return [firing, { ...firing, state: "resolved", summary: "The sample of streamgauge alerts --test is over.", resolved_at: time }];
}

async function send(bus: Bus): Promise<void> {
  for (const alert of testAlerts(Date.now())) await bus.publish(ALERTS, alertContract.write(alert));
}

/** How long the service has to take the sample from the queue. */
const TAKEN_WITHIN_MS = 5_000;
const LOOK_MS = 100;

/** Sends a sample through the queue that metrics uses. @returns what became of it, and whether that is good. */
export async function testThroughBroker(bus: Bus): Promise<Tested> {
  await send(bus);
  const giveUpAt = performance.now() + TAKEN_WITHIN_MS;
  while ((await bus.depth(ALERTS_QUEUE)) > 0) {
    if (performance.now() > giveUpAt) {
      return { isGood: false, said: [`The sample is in the queue ${ALERTS_QUEUE}, and no process of alerts reads it: start one.`] };
    }
    await delay(LOOK_MS);
  }
  return {
    isGood: true,
    said: ["The service alerts has the sample and delivers it to its receivers; its log names those that do not take it."],
  };
}

/** What became of a sample. */
export interface Tested {
  readonly isGood: boolean;
  /** Lines for the user. */
  readonly said: readonly string[];
}

/** Delivers a sample to the receivers of these settings by a service and a queue of this process, for a run without RabbitMQ. */
export async function testReceivers(config: AllConfig): Promise<Tested> {
  const folder = mkdtempSync(join(tmpdir(), "streamgauge-alerts-"));
  const log = createLogger("alerts", "warn", process.stderr);
  const bus = await connectBus({ url: "memory:alerts-test", topology: topologyOf([CHAMPION]), name: "alerts-test", log });
  const service = await alerts.startForTest(config, { bus, log, registry: new Registry() }, join(folder, "alerts.json"));
  try {
    await send(bus);
    const giveUpAt = performance.now() + config.ALERT_TIMEOUT_MS + LOOK_MS;
    do await delay(LOOK_MS);
    while (service.waiting > 0 && performance.now() < giveUpAt);
    const said = service.receivers.map(({ name, waiting }) => `${waiting === 0 ? "took it" : "did NOT take it"}  ${name}`);
    return { isGood: service.waiting === 0, said };
  } finally {
    await service.close();
    await bus.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
