import { connect, type Options } from "amqplib";
import { startPrivateBroker, type PrivateBroker } from "../index.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPipeline, type Pipeline } from "./harness/pipeline.js";
import { settles } from "./harness/settling.js";
import { knownTruth } from "./harness/truth.js";
import { until } from "../until.js";

let broker: PrivateBroker;
beforeAll(async () => {
  broker = await startPrivateBroker();
});
afterAll(() => broker.stop());

/** A message that cannot be used, or of which some rows cannot. */
interface Nonsense {
  readonly name: string;
  readonly key: "features" | "y_true" | "y_pred";
  readonly body: Buffer | string;
  readonly options?: Options.Publish;
  /** What the dead letter says. */
  readonly reason: RegExp;
  /** Ids of its rows that can be used, with their rows of the study. */
  readonly good?: readonly (readonly [string, number])[];
}

const ARROW: Options.Publish = { contentType: "application/vnd.apache.arrow.stream" };
const MIB = 1 << 20;

/** @param study - one good row's features, as JSON. */
function nonsense(study: Record<string, number>): readonly Nonsense[] {
  const row = (change: object) => JSON.stringify({ id: "bad-row", features: { ...study, ...change } });
  const without = (name: string) => row({ [name]: undefined });
  const raw = (value: string) => row({ bmi: "RAW" }).replace('"RAW"', value);
  const label = (id: unknown) => JSON.stringify({ id, y_true: 151 });
  const columns = (change: object) =>
    Object.fromEntries(
      Object.entries({ ...study, ...change }).map(([name, value]) => [name, Array.isArray(value) ? value : [value, value]]),
    );
  return [
    { name: "empty", key: "features", body: "", reason: /empty/ },
    { name: "truncated", key: "features", body: row({}).slice(0, -5), reason: /not JSON/ },
    { name: "byte order mark", key: "features", body: `\uFEFF${row({})}`, reason: /byte order mark/ },
    { name: "invalid UTF-8", key: "features", body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), reason: /not UTF-8/ },
    { name: "nested deep", key: "features", body: "[".repeat(100_000), reason: /not JSON/ },
    { name: "nested deep and closed", key: "features", body: "[".repeat(100_000) + "]".repeat(100_000), reason: /nested|object|must/ },
    {
      name: "__proto__",
      key: "features",
      body: row({}).replace('"features":{', '"features":{"__proto__":{"bmi":1},'),
      reason: /__proto__/,
    },
    { name: "a key twice", key: "features", body: row({}).replace('"features":{', '"features":{"bmi":1,'), reason: /twice/ },
    { name: "NaN", key: "features", body: raw("NaN"), reason: /not JSON/ },
    { name: "Infinity", key: "features", body: raw("Infinity"), reason: /not JSON/ },
    { name: "1e400", key: "features", body: raw("1e400"), reason: /bmi/ },
    { name: "a numeric string", key: "features", body: raw('"32.1"'), reason: /bmi.*not a number/ },
    { name: "null", key: "features", body: raw("null"), reason: /bmi.*missing/ },
    { name: "a missing column", key: "features", body: without("bmi"), reason: /bmi/ },
    {
      name: "a renamed column",
      key: "features",
      body: JSON.stringify({ id: "renamed", features: { ...JSON.parse(without("bmi")).features, BMI: 1 } }),
      reason: /bmi/i,
    },
    {
      name: "columns of unequal length",
      key: "features",
      body: JSON.stringify({ ids: ["u1", "u2"], columns: columns({ bmi: [1] }) }),
      reason: /bmi/,
    },
    {
      name: "one bad row of two",
      key: "features",
      body: JSON.stringify({ ids: ["half-good", "half-bad"], columns: columns({ bmi: [study["bmi"], null] }) }),
      reason: /half-bad.*bmi|bmi.*half-bad/s,
      good: [["half-good", 0]],
    },
    { name: "no id", key: "features", body: JSON.stringify({ features: study }), reason: /id/ },
    { name: "an empty id", key: "y_true", body: label(""), reason: /id/ },
    { name: "an id of 10 kB", key: "y_true", body: label("x".repeat(10_240)), reason: /128/ },
    { name: "a number for an id", key: "y_true", body: label(7), reason: /id/ },
    { name: "a label that is text", key: "y_true", body: JSON.stringify({ id: "text", y_true: "151" }), reason: /y_true/ },
    { name: "a label that is null", key: "y_true", body: JSON.stringify({ id: "null", y_true: null }), reason: /y_true/ },
    { name: "fewer labels than ids", key: "y_true", body: JSON.stringify({ ids: ["a", "b"], y_true: [1] }), reason: /y_true|ids/ },
    { name: "predictions that are none", key: "y_pred", body: '{"y":1}', reason: /ids|y_pred/ },
    { name: "another type", key: "features", body: row({}), options: { type: "y_true" }, reason: /type/ },
    { name: "another version", key: "features", body: row({}), options: { headers: { contract: 2 } }, reason: /version 2/ },
    { name: "another content type", key: "features", body: row({}), options: { contentType: "text/csv" }, reason: /text\/csv/ },
    { name: "Arrow that is none", key: "features", body: "ARROW1 or so", options: ARROW, reason: /Arrow/ },
    { name: "Arrow that is empty", key: "y_true", body: "", options: ARROW, reason: /empty/ },
    { name: "random bytes", key: "y_pred", body: Buffer.alloc(4_096, 0x9d), reason: /UTF-8/ },
    { name: "2 MiB of spaces", key: "features", body: " ".repeat(2 * MIB), reason: /not JSON/ },
    // RabbitMQ 4 takes 16 MiB at most, and no service more than 15.
    {
      name: "15.5 MiB",
      key: "y_true",
      body: label("x".repeat(15.5 * MIB)),
      reason: /^the body has 16252950 bytes; at most 15728640 are taken/,
    },
    { name: "headers of 60 kB", key: "y_true", body: "{}", options: { headers: { long: "h".repeat(60_000) } }, reason: /ids?\b/ },
  ];
}

test("each input that cannot be used becomes one dead letter with its reason, and the rows around it are scored", async (context) => {
  const { names, features } = await knownTruth();
  const study = Object.fromEntries(names.map((name, i) => [name, features[0]?.[i] ?? 0]));
  const inputs = nonsense(study);
  const pipeline = await openPipeline(context, broker, { source: { ROWS_PER_SECOND: "1000" } });
  await pipeline.start();
  const operator = await connect(pipeline.url);
  const channel = await operator.createConfirmChannel();
  for (const [i, { key, body, options, good = [] }] of inputs.entries()) {
    const [exchange, routingKey] = key === "y_pred" ? ["predictions", "champion"] : ["rows", key];
    channel.publish(exchange, routingKey, Buffer.from(body), {
      persistent: true,
      messageId: `input-${i}`,
      contentType: "application/json",
      ...options,
    });
    for (const [id, row] of good) {
      pipeline.others.set(id, row);
      const label = { id, y_true: (await knownTruth()).yTrue[row] };
      channel.publish("rows", "y_true", Buffer.from(JSON.stringify(label)), { persistent: true, contentType: "application/json" });
    }
  }
  await channel.waitForConfirms();
  await operator.close();
  await until(
    "all are dead letters",
    () => pipeline.depths(),
    (queues) => queues["dead-letters"] === inputs.length,
  );
  await expectReasons(pipeline, inputs);
  for (const { exits } of pipeline.services) expect(exits).toEqual([]);
  await settles(pipeline, { deadLetters: inputs.length });
});

async function expectReasons(pipeline: Pipeline, inputs: readonly Nonsense[]): Promise<void> {
  const lines = (await pipeline.cli("replay", "list", "--json")).trim().split("\n");
  const letters = lines.map((line): { reason: string; headers: Record<string, string> } => JSON.parse(line));
  const reasons = new Map(letters.map(({ reason, headers }) => [headers["dead-message-id"], reason]));
  expect(letters.length).toBe(inputs.length);
  for (const [i, { name, reason }] of inputs.entries()) expect(reasons.get(`input-${i}`), name).toMatch(reason);
}

const ODD_IDS = [
  "comma,comma",
  'quote"quote',
  "line\nbreak",
  "carriage\r\nreturn",
  "=1+1",
  "+1",
  "-1",
  "@a",
  " space ",
  "ü€😀",
  '"',
  "a".repeat(128),
  "\u0000nul",
];

test("ids that need care in a CSV file are logged as they are, once", async (context) => {
  const { names, features, yTrue } = await knownTruth();
  const pipeline = await openPipeline(context, broker, { source: { ROWS_PER_SECOND: "1000" } });
  await pipeline.start();
  const operator = await connect(pipeline.url);
  const channel = await operator.createConfirmChannel();
  const columns = Object.fromEntries(names.map((name, i) => [name, ODD_IDS.map((_, row) => features[row]?.[i])]));
  const frames = [
    ["features", { ids: ODD_IDS, columns }],
    ["y_true", { ids: ODD_IDS, y_true: ODD_IDS.map((_, row) => yTrue[row]) }],
  ] as const;
  for (const [key, frame] of [...frames, ...frames])
    channel.publish("rows", key, Buffer.from(JSON.stringify(frame)), { contentType: "application/json" });
  await channel.waitForConfirms();
  await operator.close();
  for (const [row, id] of ODD_IDS.entries()) pipeline.others.set(id, row);
  await pipeline.grows("all of them are logged");
  await pipeline.metrics.kill();
  await settles(pipeline);
});
