import { alertKey, type Alert } from "@streamgauge/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { laneFigures, maeOf } from "../testing/quiet-lane.js";
import { Alerting, type AlertingChanges, type AlertingOptions } from "./alerting.js";
import type { LaneFigures } from "./lane-figures.js";
import { MAX_OUTBOX, Outbox } from "./outbox.js";
import { parseRules } from "./rules/read-rules.js";
import { ALERT_HISTORY_FORMAT, ALERTING_FORMAT } from "./saved-alerting.js";

const START = 1_700_000_000_000;
const MAE = "rules: [{name: mae-high, kind: mae, above: 50, for: 2s, keep_firing_for: 3s}]";

/** A lane whose state is committed after each look, and may be opened again from what was committed. */
class Lane {
  now = START;
  readonly published: Alert[] = [];
  readonly #more: Partial<AlertingOptions>;
  #alerting: Alerting;
  #state: AlertingChanges["state"];
  #history: AlertingChanges["history"];
  #rules: string;

  constructor(rules = MAE, more: Partial<AlertingOptions> = {}) {
    this.#rules = rules;
    this.#more = more;
    this.#alerting = this.#open();
  }

  #open(): Alerting {
    const saved = this.#state === undefined ? undefined : ALERTING_FORMAT.read(ALERTING_FORMAT.write(this.#state));
    const history = this.#history === undefined ? undefined : ALERT_HISTORY_FORMAT.read(ALERT_HISTORY_FORMAT.write(this.#history));
    return new Alerting({
      rules: parseRules(this.#rules, "rules.yaml"),
      lane: "champion",
      logFile: "metric_log.csv",
      pageUrl: undefined,
      isSilenced: () => false,
      openedAt: this.now,
      saved,
      history,
      ...this.#more,
    });
  }

  get history(): readonly Alert[] {
    return this.#history?.alerts ?? [];
  }

  get alerting(): Alerting {
    return this.#alerting;
  }

  /** The next look, one second later. */
  look(figures: LaneFigures, after = 1_000): this {
    this.now += after;
    if (!this.#alerting.isDue(this.now)) throw new Error("It is not due.");
    if (this.#alerting.look(figures, this.now)) this.commit();
    return this;
  }

  /** A look whose commit fails. */
  lookInVain(figures: LaneFigures): this {
    this.#alerting.look(figures, this.now + 1_000);
    return this.restart();
  }

  commit(): void {
    const { state, history } = this.#alerting.takeChanges();
    this.#state = state ?? this.#state;
    this.#history = history ?? this.#history;
  }

  restart(rules = this.#rules): this {
    this.#rules = rules;
    this.#alerting = this.#open();
    return this;
  }

  /** Sends what is in the outbox. @param confirmed - whether the broker's word arrives. */
  publish(confirmed = true): this {
    for (const { sequence, alert } of this.#alerting.outbox.entries) {
      this.published.push(alert);
      if (confirmed) this.#alerting.confirm(sequence);
    }
    return this;
  }
}

const states = (alerts: readonly Alert[]) => alerts.map(({ rule, state, model }) => `${rule} ${state} ${model}`);

describe("A rule with for: 2s", () => {
  test("sends an alert when it fires and when it is resolved, with all facts", () => {
    const lane = new Lane(MAE, { pageUrl: "http://localhost:8080/" });
    lane.look(laneFigures({ ...maeOf(40), logLength: 1_000 }));
    for (const logLength of [1_500, 2_000, 2_500]) lane.look(laneFigures({ ...maeOf(61.5), logLength })).publish();
    for (const logLength of [3_000, 3_500, 4_000, 4_500]) lane.look(laneFigures({ ...maeOf(42), logLength })).publish();
    const firing: Alert = {
      // printf '["mae-high","champion","m@1"]' | sha256sum
      fingerprint: "14808298a75d2db8",
      episode: "14808298a75d2db8-1700000004000",
      state: "firing",
      test: false,
      rule: "mae-high",
      kind: "mae",
      severity: "warning",
      lane: "champion",
      model: "m@1",
      summary: "MAE over 1h is 61.5 mg/dl, above 50 mg/dl.",
      value: 61.5,
      bound: 50,
      unit: "mg/dl",
      window_s: 3600,
      since: "2023-11-14T22:13:22.000Z",
      fired_at: "2023-11-14T22:13:24.000Z",
      resolved_at: null,
      segments: [],
      page_url: "http://localhost:8080/",
      log: { file: "metric_log.csv", from: 1_000, to: 2_500 },
    };
    expect(lane.published).toEqual([
      firing,
      {
        ...firing,
        state: "resolved",
        summary: "MAE over 1h is 42 mg/dl, within its bound.",
        value: 42,
        resolved_at: "2023-11-14T22:13:28.000Z",
        log: { file: "metric_log.csv", from: 1_000, to: 4_500 },
      },
    ]);
    expect(lane.history).toEqual(lane.published.slice(1));
  });

  test("says where the error is if it is an alarm that the error is worse", () => {
    const segments = [{ name: "bmi 5 to 6", rows: 120, mae: 8 }];
    const lane = new Lane("rules: [{name: worse, kind: error_alarm}, {name: better, kind: error_alarm, direction: better}]");
    const alarm = { partition: 1, isOn: true, raisedAtRow: 700, change: undefined, segments: () => segments };
    const alarms = () => [
      { kind: "worse" as const, ...alarm },
      { kind: "better" as const, ...alarm },
    ];
    lane.look(laneFigures({ alarms })).publish();
    expect(lane.published.map(({ rule, segments: named }) => [rule, named])).toEqual([
      ["worse", segments],
      ["better", []],
    ]);
  });

  test("is looked at once a second, whatever is committed", () => {
    const { alerting } = new Lane();
    alerting.look(laneFigures(), START);
    expect([alerting.isDue(START + 999), alerting.dueIn(START + 999), alerting.isDue(START + 1_000)]).toEqual([false, 1, true]);
  });

  test("has its alert ended when another model version comes, and fires again for that one", () => {
    const lane = new Lane("rules: [{name: mae-high, kind: mae, above: 50}, {name: no-rows, kind: no_rows, above: 1h}]");
    lane.look(laneFigures(maeOf(60))).publish();
    const next = laneFigures({ ...maeOf(60), model: "m@2" });
    lane.look(next).look(next, 9_999).publish();
    expect(states(lane.published)).toEqual(["mae-high firing m@1"]);
    lane.look(next).publish();
    expect(states(lane.published)).toEqual(["mae-high firing m@1", "mae-high resolved m@1", "mae-high firing m@2"]);
    expect(lane.published[1]?.summary).toBe("The model m@1 was replaced by m@2.");
    expect(new Set(lane.published.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  test("stays with its model while several processes change over to the next one", () => {
    const lane = new Lane("rules: [{name: mae-high, kind: mae, above: 50}]");
    const [old, next] = ["m@1", "m@2"].map((model) => laneFigures({ ...maeOf(60), model }));
    for (let turn = 0; turn < 30 && old !== undefined && next !== undefined; turn += 1) lane.look(old).look(next).publish();
    expect(states(lane.published)).toEqual(["mae-high firing m@1"]);
  });

  test("stays with its model after a restart, before the first prediction", () => {
    const lane = new Lane("rules: [{name: mae-high, kind: mae, above: 50}]");
    lane
      .look(laneFigures(maeOf(60)))
      .publish()
      .look(laneFigures(maeOf(60)));
    lane
      .restart()
      .look(laneFigures({ ...maeOf(60), model: "" }))
      .look(laneFigures(maeOf(60)))
      .publish();
    expect(states(lane.published)).toEqual(["mae-high firing m@1"]);
  });

  test("that is taken out of the file while it fires is resolved, once", () => {
    const lane = new Lane("rules: [{name: mae-high, kind: mae, above: 50}]");
    const high = laneFigures(maeOf(60));
    lane.look(high).publish().look(high);
    lane.restart("rules: []").look(high).publish().look(high);
    lane.restart().look(high).publish();
    expect(states(lane.published)).toEqual(["mae-high firing m@1", "mae-high resolved m@1"]);
    expect(lane.published[1]?.summary).toBe("The rule mae-high was taken out of the rules.");
  });
});

describe("A silence", () => {
  test("holds an alert back, which is sent at its end if it still fires", () => {
    let silenced = true;
    const lane = new Lane("rules: [{name: mae-high, kind: mae, above: 50}]", { isSilenced: (rule) => silenced && rule === "mae-high" });
    lane.look(laneFigures(maeOf(60))).publish();
    expect([lane.published, lane.alerting.firing.length]).toEqual([[], 1]);
    lane
      .restart()
      .look(laneFigures(maeOf(60)))
      .publish();
    expect(lane.published).toEqual([]);
    silenced = false;
    lane.look(laneFigures(maeOf(60))).publish();
    expect(states(lane.published)).toEqual(["mae-high firing m@1"]);
    expect(lane.published[0]?.fired_at).toBe("2023-11-14T22:13:21.000Z");
  });

  test("has no end sent for an alert that nobody got, but one for an alert that was sent before", () => {
    let silenced = true;
    const lane = new Lane("rules: [{name: mae-high, kind: mae, above: 50, keep_firing_for: 0s}]", { isSilenced: () => silenced });
    lane
      .look(laneFigures(maeOf(60)))
      .look(laneFigures(maeOf(40)))
      .publish();
    expect([lane.published, lane.history.length]).toEqual([[], 1]);
    silenced = false;
    lane.look(laneFigures(maeOf(60))).publish();
    silenced = true;
    lane.look(laneFigures(maeOf(40))).publish();
    expect(states(lane.published)).toEqual(["mae-high firing m@1", "mae-high resolved m@1"]);
  });
});

describe("The outbox", () => {
  test("keeps an alert until a commit after the confirm, over restarts", () => {
    const lane = new Lane("rules: [{name: mae-high, kind: mae, above: 50}]");
    lane
      .look(laneFigures(maeOf(60)))
      .publish(false)
      .restart()
      .publish();
    expect(lane.published).toHaveLength(2);
    expect(new Set(lane.published.map(alertKey)).size).toBe(1);
    // The confirm is lost with the process: it is sent once more.
    lane
      .restart()
      .publish()
      .look(laneFigures(maeOf(60)))
      .restart()
      .publish();
    expect(lane.published).toHaveLength(3);
    expect(lane.alerting.outbox.entries).toEqual([]);
  });

  test("has a thousand alerts, and counts those that are left out", () => {
    const [alert] = new Lane("rules: [{name: mae-high, kind: mae, above: 50}]").look(laneFigures(maeOf(60))).alerting.firing;
    const outbox = new Outbox();
    for (let i = 0; i < MAX_OUTBOX + 2; i += 1) if (alert !== undefined) outbox.add(alert);
    expect([outbox.entries.length, outbox.entries[0]?.sequence, outbox.dropped]).toEqual([1_000, 3, 2]);
    outbox.remove(new Set(outbox.entries.map(({ sequence }) => sequence)));
    expect([outbox.entries, outbox.dropped]).toEqual([[], 0]);
    expect(new Outbox(outbox.save()).save().next).toBe(1_003);
  });
});

test("Whatever crashes, and however often it is sent: the same alerts as without a crash, in the same order", () => {
  const looks = fc.array(
    fc.record({
      mae: fc.constantFrom(40, 60, Number.NaN),
      model: fc.constantFrom("m@1", "m@1", "m@1", "m@2"),
      crash: fc.constantFrom("none", "none", "before-commit", "after-commit", "before-confirm", "after-confirm"),
    }),
    { maxLength: 50 },
  );
  const figuresOf = (mae: number, model: string) => laneFigures({ ...maeOf(mae), model });
  fc.assert(
    fc.property(looks, (seen) => {
      const [calm, crashing] = [new Lane(), new Lane()];
      for (const { mae, model, crash } of seen) {
        calm.look(figuresOf(mae, model)).publish();
        if (crash === "before-commit") crashing.lookInVain(figuresOf(mae, model));
        crashing.look(figuresOf(mae, model));
        if (crash === "after-commit") crashing.restart();
        if (crash === "before-confirm") crashing.publish(false).restart();
        crashing.publish();
        if (crash === "after-confirm") crashing.restart();
      }
      const once = crashing.published.filter((alert, i, all) => all.findIndex((other) => alertKey(other) === alertKey(alert)) === i);
      expect(once).toEqual(calm.published);
      expect(crashing.history).toEqual(calm.history);
      for (const { model, fingerprint, episode } of once) {
        expect(episode.startsWith(fingerprint)).toBe(true);
        expect(once.filter((other) => other.model === model).every((other) => other.fingerprint === fingerprint)).toBe(true);
      }
    }),
  );
});
