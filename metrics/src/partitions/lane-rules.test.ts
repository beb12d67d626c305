import {
  alertContract,
  ALERTS_QUEUE,
  CHAMPION,
  FIGURE_ANSWERS_EXCHANGE,
  FIGURE_QUESTIONS_EXCHANGE,
  Ids,
  labelContract,
  LABELS,
  LanePartition,
  MemoryBroker,
  MemoryBus,
  predictionContract,
  predictionsOf,
  topologyOf,
  type Alert,
} from "@streamgauge/core";
import { captureLog, Inbox, startServiceOn } from "@streamgauge/testing";
import { freshFolder } from "@streamgauge/testing/vitest";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { writeAnswer, type FiguresAnswer } from "../alerting/partitions/figures-answer.js";
import { readQuestion, type FiguresQuestion } from "../alerting/partitions/figures-question.js";
import { FigureQuestions } from "../alerting/partitions/lane-figures-exchange.js";
import { parseRules } from "../alerting/rules/read-rules.js";
import { SETTINGS } from "../settings.js";
import { startPartitions } from "../start-partitions.js";

const folder = freshFolder();
const HOUR = 3_600_000;
const { log } = captureLog("metrics");
const RULES = `rules:
  - {name: mae-high, kind: mae, above: 1, least_rows: 5, severity: critical}
  - {name: no-rows, kind: no_rows, above: 1h}
`;

let broker: MemoryBroker;
let bus: MemoryBus;
let ends: (() => Promise<void>)[];

beforeEach(() => {
  broker = new MemoryBroker(topologyOf([CHAMPION], 4));
  bus = new MemoryBus(broker, "test", log);
  ends = [];
  folder.write("rules.yaml", RULES);
});

afterEach(async () => {
  for (const end of ends.toReversed()) await end();
});

async function start(partition: string): Promise<void> {
  const settings = { LOGS_DIR: folder.path, PARTITIONS: "4", PARTITION: partition, ALERTS_PATH: folder.at("rules.yaml") };
  const { close } = await startServiceOn(new MemoryBus(broker, "metrics", log), { SETTINGS, start: startPartitions }, settings, { log });
  ends.push(close);
}

/** Reads the alerts from now on. */
async function alerts(): Promise<{ first(count: number): Promise<Alert[]>; readonly count: number }> {
  const inbox = new Inbox();
  await bus.consume(ALERTS_QUEUE, inbox.handler, { prefetch: 10 });
  return {
    first: async (count) => (await inbox.first(count)).map((delivery) => alertContract.read(delivery)),
    get count() {
      return inbox.deliveries.length;
    },
  };
}

// Of four partitions: 1, 3, 3, 4; and 2. No partition has five rows.
const IDS = ["a", "b", "row-1", "row-2", "mwpixsni7y4z-0000000029"];

async function send(values: readonly number[]): Promise<void> {
  const frame = { ids: Ids.of(IDS), y_pred: Float64Array.from(values), model: "m@1", unit: "" };
  await bus.publish(LABELS, labelContract.write({ ids: Ids.of(IDS), y_true: Float64Array.of(0, 0, 0, 0, 0) }, "json", 7));
  await bus.publish(predictionsOf(CHAMPION), predictionContract.write(frame, "json", 7));
}

test("a rule over a lane is one: its figure is of the rows of all partitions, and it sends one alert", { timeout: 60_000 }, async () => {
  const inbox = await alerts();
  await start("1");
  await start("2,3");
  await start("4");
  await send([1, 2, 3, 4, 5]);
  const [alert] = await inbox.first(1);
  expect(alert).toMatchObject({
    rule: "mae-high",
    lane: "champion",
    model: "m@1",
    // printf '["mae-high","champion","m@1"]' | sha256sum
    fingerprint: "14808298a75d2db8",
    summary: "MAE over 1h is 3, above 1.",
    value: 3,
    log: null,
  });
  for (const end of ends.splice(0)) await end();
  expect(inbox.count).toBe(1);
});

describe("Questions of the first partition", () => {
  /** The numbers of the partitions that answer. */
  let there: number[];
  let questions: FigureQuestions;
  let lines: readonly string[];
  let asked: FiguresQuestion[];

  beforeEach(async () => {
    there = [2, 3, 4];
    asked = [];
    const captured = captureLog("questions");
    lines = captured.lines;
    await bus.subscribe(FIGURE_QUESTIONS_EXCHANGE, "others", (delivery) => {
      const question = readQuestion(delivery);
      if (question === undefined) return;
      asked.push(question);
      for (const partition of there) bus.broadcast(FIGURE_ANSWERS_EXCHANGE, writeAnswer(answerOf(partition, question.round)));
    });
    const rules = parseRules(RULES, "rules.yaml");
    questions = new FigureQuestions(bus, captured.log, new LanePartition(CHAMPION, 1, 4), rules, () => ({
      watermark: 7 * HOUR,
      model: "m@1",
    }));
    ends.push(await questions.follow().then((following) => () => following.close()));
  });

  function answerOf(partition: number, round: string): FiguresAnswer {
    const none = { model: "", unit: "", lastAt: { y_true: null, y_pred: null }, alarms: [], drift: [], windows: [] };
    return { lane: CHAMPION, partition, round, watermark: partition * 3 * HOUR, ...none };
  }

  /** Asks, and waits until the answers to that are there. */
  async function ask(times = 1): Promise<void> {
    for (let i = 0; i < times; i += 1) {
      const before = asked.length;
      questions.ask();
      await vi.waitFor(() => expect(asked.length).toBe(before + 1));
    }
  }

  test("are about the latest event of any partition", async () => {
    await ask();
    await vi.waitFor(() => expect(questions.rounds.finished?.missing).toEqual([]));
    await ask();
    expect(asked.map(({ watermark, model }) => [watermark, model])).toEqual([
      [7 * HOUR, "m@1"],
      [12 * HOUR, "m@1"],
    ]);
  });

  test("name a partition that does not answer in the log, and say when it does", async () => {
    await ask();
    await vi.waitFor(() => expect(questions.rounds.finished?.missing).toEqual([]));
    there = [2, 4];
    await ask(11);
    expect(questions.rounds.finished?.missing).toEqual([3]);
    expect(lines.join("\n")).toContain(
      "The rules of lane champion are looked at without the figures of partition 3 of 4: start its metrics, or look into its log.",
    );
    there = [2, 3, 4];
    await ask(2);
    await vi.waitFor(() => expect(questions.rounds.finished?.missing).toEqual([]));
    await ask();
    expect(lines.at(-1)).toContain("All 4 partitions of lane champion answer: its rules are looked at with the figures of all.");
  });

  test("are not asked without a link: then no partition is away", () => {
    const noLink = { connected: false, broadcast: () => undefined, subscribe: bus.subscribe.bind(bus) };
    const away = new FigureQuestions(noLink, log, new LanePartition(CHAMPION, 1, 4), [], () => ({ watermark: 0, model: "" }));
    for (let i = 0; i < 100; i += 1) away.ask();
    expect(away.rounds.finished).toBeUndefined();
  });
});
