import { ErrorWindow } from "@streamgauge/core/windows";
import { freshFolder } from "@streamgauge/testing/vitest";
import { afterEach, describe, expect, test, vi } from "vitest";
import { DEFAULT_ALARM } from "../alarm/alarm-settings.js";
import { parseRules } from "../alerting/rules/read-rules.js";
import { TestLane } from "../testing/test-lane.js";
import type { JoinOptions } from "./open-join.js";
import { laneFiguresOf } from "./state-figures.js";

const folder = freshFolder();
const HOUR = 3_600_000;

let lanes: TestLane[] = [];
afterEach(async () => {
  await Promise.all(lanes.map(({ join }) => join.close()));
  lanes = [];
});

const OPTIONS = {
  retentionMs: 100 * HOUR,
  alerting: {
    rules: parseRules("rules: [{name: no-rows, kind: no_rows, above: 1h, keep_firing_for: 0s}]", "rules.yaml"),
    lane: "champion",
    pageUrl: undefined,
    logFile: "metric_log.csv",
    isSilenced: () => false,
  },
} satisfies Partial<JoinOptions>;

async function open(options: Partial<Pick<JoinOptions, "failpoint">> = {}): Promise<TestLane> {
  const lane = await TestLane.open(folder, { ...OPTIONS, ...options });
  lanes.push(lane);
  return lane;
}

async function reopen(lane: TestLane): Promise<TestLane> {
  const again = await lane.reopen(folder, OPTIONS);
  lanes.push(again);
  return again;
}

/** A lane that logged a pair an hour ago. */
async function silentLane(options: Partial<Pick<JoinOptions, "failpoint">> = {}): Promise<TestLane> {
  const lane = await open(options);
  lane.labels(["a", 1]);
  lane.predictions(["a", 2]);
  lane.clock.advance(1_100);
  lane.clock.advance(HOUR + 1_100);
  return lane;
}

function outboxOf({ join }: TestLane) {
  return (join.state.alerting?.outbox.entries ?? []).map(({ sequence, alert }) => `${sequence} ${alert.rule} ${alert.state}`);
}

test("a rule fires when nothing comes, and its alert is committed", async () => {
  const lane = await silentLane();
  expect(outboxOf(lane)).toEqual(["1 no-rows firing"]);
  expect(outboxOf(await reopen(lane))).toEqual(["1 no-rows firing"]);
});

test("what the broker confirmed leaves the outbox with the next commit, and stays away", async () => {
  const lane = await silentLane();
  lane.join.state.alerting?.confirm(1);
  expect(outboxOf(lane)).toEqual(["1 no-rows firing"]);
  lane.join.cycle.wake();
  lane.commit();
  expect(outboxOf(lane)).toEqual([]);
  expect(outboxOf(await reopen(lane))).toEqual([]);
});

test("rows that come resolve it, with the log's bytes since it fired", async () => {
  const lane = await silentLane();
  lane.labels(["b", 1]);
  lane.predictions(["b", 2]);
  lane.clock.advance(1_100);
  const { log, firing } = { log: lane.join.state.log.length, firing: lane.join.state.alerting?.firing };
  const [, resolved] = lane.join.state.alerting?.outbox.entries ?? [];
  expect(firing).toEqual([]);
  expect(resolved?.alert).toMatchObject({
    state: "resolved",
    summary: "Rows come again.",
    log: { from: log - "b,1,2,1\n".length, to: log },
  });
  expect(outboxOf(await reopen(lane))).toEqual(["1 no-rows firing", "2 no-rows resolved"]);
});

test("a rule on the error fires in the commit of the rows that cross its bound", async () => {
  const rules = parseRules("rules: [{name: mae-high, kind: mae, above: 5, window: 10m, least_rows: 3}]", "rules.yaml");
  const lane = await TestLane.open(folder, { ...OPTIONS, alerting: { ...OPTIONS.alerting, rules } });
  lanes.push(lane);
  lane.labels(["a", 1], ["b", 1]);
  lane.predictions(["a", 11], ["b", 12]);
  lane.clock.advance(1_100);
  // Two rows are too few to conclude anything.
  expect(outboxOf(lane)).toEqual([]);
  lane.labels(["c", 1]);
  lane.predictions(["c", 13]);
  lane.clock.advance(1_100);
  const [entry] = lane.join.state.alerting?.outbox.entries ?? [];
  expect(entry?.alert).toMatchObject({
    rule: "mae-high",
    value: 11,
    bound: 5,
    window_s: 600,
    model: "linear 1",
    summary: "MAE over 10m is 11, above 5.",
    log: { file: "metric_log.csv", from: 32 + "a,1,11,10\nb,1,12,11\n".length, to: lane.join.state.log.length },
  });
});

test("a look at a rule neither saves nor merges windows: a replay looks at each step", async () => {
  const rules = parseRules("rules: [{name: mae-high, kind: mae, above: 5, window: 10m, least_rows: 1}]", "rules.yaml");
  const lane = await TestLane.open(folder, { ...OPTIONS, alerting: { ...OPTIONS.alerting, rules } });
  lanes.push(lane);
  lane.labels(["a", 1]);
  lane.predictions(["a", 2]);
  lane.commit();
  const { state, cycle } = lane.join;
  const calls = [vi.spyOn(ErrorWindow.prototype, "save"), vi.spyOn(ErrorWindow.prototype, "merge")];
  state.alerting?.look(laneFiguresOf(state, cycle.latest, undefined), lane.clock.now() + 1_000);
  const counts = calls.map((spy) => spy.mock.calls.length);
  vi.restoreAllMocks();
  expect(counts).toEqual([0, 0]);
});

describe("a rule on the alarm", () => {
  const rules = parseRules("rules: [{name: error-worse, kind: error_alarm, severity: critical, keep_firing_for: 0s}]", "rules.yaml");
  /** Errors are watched from the first row on: at most one false alarm in a million rows, and a baseline of 1. */
  const alarm = { ...DEFAULT_ALARM, every: { rows: 1_000_000 }, tolerance: 0 };

  async function watched(): Promise<TestLane> {
    const lane = await TestLane.open(folder, { ...OPTIONS, alerting: { ...OPTIONS.alerting, rules }, alarm });
    lanes.push(lane);
    return lane;
  }

  /** Logs rows with these errors in one commit. */
  function log(lane: TestLane, errors: readonly number[]): void {
    const first = lane.join.state.log.lines;
    lane.heldOut = { rows: 1_000, mae: 1, sd: 0 };
    lane.labels(...errors.map((_, i): [string, number] => [`row-${first + i}`, 0]));
    lane.predictions(...errors.map((error, i): [string, number] => [`row-${first + i}`, error]));
    lane.clock.advance(1_100);
  }

  test("fires in the commit that raises it, with the means before and since", async () => {
    const lane = await watched();
    log(lane, Array<number>(100).fill(1));
    expect(outboxOf(lane)).toEqual([]);
    log(lane, Array<number>(100).fill(3));
    const [entry] = lane.join.state.alerting?.outbox.entries ?? [];
    expect(entry?.alert).toMatchObject({
      rule: "error-worse",
      state: "firing",
      severity: "critical",
      model: "linear 1",
      value: 3,
      bound: 1,
      summary: expect.stringMatching(/^The mean error became worse at about \S+ \S+ UTC \(row 101 of the log\): MAE 1 before, 3 since/),
      change: { kind: "worse", since_row: 101, mean_before: 1, mean_since: 3 },
    });
  });

  test("says what the first alarm of a commit found, as the log does", async () => {
    const lane = await watched();
    log(lane, [...Array<number>(100).fill(1), ...Array<number>(100).fill(3), ...Array<number>(300).fill(9)]);
    const [first, ...others] = lane.commits.flatMap(({ alarms }) => alarms);
    expect(others.length).toBeGreaterThan(0);
    expect(others.every(({ again }) => again)).toBe(true);
    const [entry] = lane.join.state.alerting?.outbox.entries ?? [];
    expect(entry?.alert).toMatchObject({ value: 3, change: { row: first?.row, mean_since: 3, raised_again: others.length } });
  });

  test("fires for an alarm that is on and over within one commit", async () => {
    const lane = await watched();
    log(lane, [...Array<number>(100).fill(3), ...Array<number>(5_000).fill(1)]);
    expect(lane.join.state.alarms.of("linear 1")?.isOn("worse")).toBe(false);
    // The look after that one, a second later, finds it over.
    expect(outboxOf(lane)).toEqual(["1 error-worse firing", "2 error-worse resolved"]);
  });
});

test("a commit that fails leaves no alert behind; the next one has it", async () => {
  let fails = false;
  const failpoint = () => {
    if (fails) throw new Error("the disk is full");
  };
  const lane = await open({ failpoint });
  lane.labels(["a", 1]);
  lane.predictions(["a", 2]);
  lane.clock.advance(1_100);
  fails = true;
  lane.clock.advance(HOUR + 1_100);
  expect(lane.faults.map(({ error }) => error.message)).toEqual(["the disk is full"]);
  const again = await reopen(lane);
  expect(outboxOf(again)).toEqual([]);
  again.clock.advance(60_000);
  expect(outboxOf(again)).toEqual(["1 no-rows firing"]);
});

test("looking at rules commits nothing while nothing changes", async () => {
  const lane = await silentLane();
  const before = lane.commits.length;
  lane.clock.advance(60_000);
  expect(lane.commits.length).toBe(before);
});
