import { Counter, Gauge, type Registry } from "prom-client";
import type { Deliveries } from "./delivery/deliveries.js";
import type { Receiver } from "./receivers/receiver.js";

/** The metrics for Prometheus. */
export interface Telemetry {
  onReceived(state: "firing" | "resolved"): void;
  onDelivered(receiver: Receiver, alerts: number): void;
  onFailure(receiver: Receiver): void;
}

export function createTelemetry(registry: Registry, deliveries: Deliveries, receivers: readonly Receiver[]): Telemetry {
  const registers = [registry];
  const received = new Counter({
    registers,
    name: "streamgauge_alerts_received_total",
    help: "Alerts taken from the queue, without those that came again.",
    labelNames: ["state"],
  });
  const delivered = new Counter({
    registers,
    name: "streamgauge_alerts_delivered_total",
    help: "Alerts that a receiver has got.",
    labelNames: ["receiver"],
  });
  const failures = new Counter({
    registers,
    name: "streamgauge_alerts_failures_total",
    help: "Times that a receiver did not take a message.",
    labelNames: ["receiver"],
  });
  for (const state of ["firing", "resolved"]) received.inc({ state }, 0);
  for (const { name: receiver } of receivers) {
    delivered.inc({ receiver }, 0);
    failures.inc({ receiver }, 0);
  }
  new Gauge({
    registers,
    name: "streamgauge_alerts_waiting",
    help: "Alerts that wait for a receiver.",
    labelNames: ["receiver"],
    collect() {
      for (const { id, name } of receivers) this.set({ receiver: name }, deliveries.waiting(id).length);
    },
  });
  new Gauge({
    registers,
    name: "streamgauge_alerts_firing",
    help: "Alerts that fire now, of all lanes.",
    collect() {
      this.set(deliveries.firing.length);
    },
  });
  return {
    onReceived: (state) => received.inc({ state }),
    onDelivered: ({ name }, alerts) => delivered.inc({ receiver: name }, alerts),
    onFailure: ({ name }) => failures.inc({ receiver: name }),
  };
}
