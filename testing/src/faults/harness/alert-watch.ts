import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { alertKey, type Alert } from "@streamgauge/core";
import { expect, type TestContext } from "vitest";
import { startFakeReceiver, type FakeReceiver, type PrivateBroker } from "../../index.js";
import { until } from "../../until.js";
import { openPipeline, type Pipeline } from "./pipeline.js";
import type { ServiceProcess } from "./service-process.js";

/** The one rule of a case: it fires when the source is frozen. */
const RULES = "rules: [{name: no-rows, kind: no_rows, above: 2s, keep_firing_for: 0s}]";
/** printf '["no-rows","champion",""]' | sha256sum */
const FINGERPRINT = "264c17cb7354a006";

/** A pipeline with alerts and two receivers: one that works, and one that is away. */
export class AlertWatch {
  readonly pipeline: Pipeline;
  readonly alerts: ServiceProcess;
  readonly #good: FakeReceiver;
  readonly #awayPort: number;
  #episodes = 0;

  private constructor(pipeline: Pipeline, alerts: ServiceProcess, good: FakeReceiver, awayPort: number) {
    this.pipeline = pipeline;
    this.alerts = alerts;
    this.#good = good;
    this.#awayPort = awayPort;
  }

  static async open(context: TestContext, broker: PrivateBroker): Promise<AlertWatch> {
    const good = await startFakeReceiver();
    const away = await startFakeReceiver();
    await away.close();
    context.onTestFinished(() => good.close());
    const rules = join(process.env["TMPDIR"] ?? "/tmp", `streamgauge-rules-${process.pid}.yaml`);
    await writeFile(rules, RULES);
    const source = { FRAME_ROWS: "16", ROWS_PER_SECOND: "500" };
    const pipeline = await openPipeline(context, broker, { source, metrics: { ALERTS_PATH: rules } });
    const alerts = pipeline.another("alerts", pipeline.logsDir, {
      ALERT_WEBHOOK_URLS: `${good.url},${away.url}`,
      ALERTS_PER_HOUR: "1000",
    });
    await pipeline.start();
    await alerts.start().ready();
    return new AlertWatch(pipeline, alerts, good, Number(new URL(away.url).port));
  }

  /** The source is frozen until the rule fires, and goes on until it is resolved. @param disturb - done while it is frozen. */
  async episode(disturb: () => Promise<unknown> = async () => undefined): Promise<void> {
    const { features } = this.pipeline;
    const [fired, resolved] = [this.#count("firing"), this.#count("resolved")];
    features.signal("SIGSTOP");
    await disturb();
    await this.#hasMore("firing", fired);
    features.signal("SIGCONT");
    await this.#hasMore("resolved", resolved);
    this.#episodes += 1;
  }

  /** Alerts of this state that the working receiver has. A starved machine may have more of them than there were episodes. */
  #count(state: Alert["state"]): number {
    return distinct(this.#good).filter((alert) => alert.state === state).length;
  }

  #hasMore(state: Alert["state"], than: number): Promise<unknown> {
    return until(
      `one more alert is ${state}`,
      () => this.#count(state),
      (count) => count > than,
      90_000,
    );
  }

  /** The receiver that was away is back. Holds what both got to what metrics has stored. */
  async settles(context: TestContext): Promise<void> {
    const back = await startFakeReceiver(200, this.#awayPort);
    context.onTestFinished(() => back.close());
    // A new life tries again at once.
    await this.alerts.stop();
    this.alerts.start();
    const wanted = distinct(this.#good).map(alertKey);
    await until(
      "the receiver that was away has all alerts",
      () => distinct(back).length,
      (count) => count === wanted.length,
      90_000,
    );
    expect(distinct(back).map(alertKey)).toEqual(wanted);
    const { past }: { past: readonly Alert[] } = JSON.parse(await this.pipeline.cli("alerts", "--json"));
    const ended = past.flatMap(({ episode }) => [`${episode}.firing`, `${episode}.resolved`]);
    expect(wanted.slice(0, ended.length)).toEqual(ended);
    expect(past.length).toBeGreaterThanOrEqual(this.#episodes);
    expect(new Set(distinct(this.#good).map(({ fingerprint }) => fingerprint))).toEqual(new Set([FINGERPRINT]));
  }
}

/** The alerts that a receiver got, each once, in the order in which they came first. */
function distinct({ requests }: FakeReceiver): readonly Alert[] {
  const alerts = requests.map(({ body }): Alert => JSON.parse(body).data);
  return alerts.filter((alert, index) => alerts.findIndex((other) => alertKey(other) === alertKey(alert)) === index);
}
