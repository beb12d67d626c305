import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  CHAMPION,
  connectBus,
  createLogger,
  Ids,
  labelContract,
  LABELS,
  predictionContract,
  predictionsOf,
  topologyOf,
} from "@streamgauge/core";
import { LaneTail } from "@streamgauge/core/metric-log";
import { beforeAll, expect, test, vi } from "vitest";
import { freshVhost, until } from "../index.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { startCli, startService } from "./harness/program.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 300_000 });
beforeAll(compile);

const HEADER = "id,y_true,y_pred,absolute_error";
const STEPS = ["rotate-after-rename", "rotate-after-header", "rotate-after-note", "compress-before-rename", "compress-after-rename"];

const run = (arguments_: readonly string[], env: Readonly<Record<string, string>>) => startCli(arguments_, env).ended();

/** The files of the log, the newest last; a part that is there twice once. */
function partsIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /^metric_log\.\d{6}-\d{8}\.csv(\.gz)?$/.test(name));
  const isTwice = (name: string) => name.endsWith(".gz") && names.includes(name.slice(0, -3));
  return [...names.filter((name) => !isTwice(name)).toSorted(), "metric_log.csv"];
}

/** The ids in the log, as a user reads it: each part has a header of its own. */
function idsIn(folder: string): string[] {
  return partsIn(folder).flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    const [header, ...lines] = (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8").split("\n").slice(0, -1);
    expect(header).toBe(HEADER);
    return lines.map((line) => line.split(",")[0] ?? "");
  });
}

/** The same while metrics finishes and compresses parts. */
function countedIn(folder: string): number {
  try {
    return idsIn(folder).length;
  } catch {
    return 0;
  }
}

/** Rows that the broker has confirmed: a label and a prediction of each. */
async function openSource(url: string) {
  const bus = await connectBus({ url, topology: topologyOf([CHAMPION]), name: "source", log: createLogger("source", "silent") });
  const sent: string[] = [];
  const send = async (names: readonly string[]) => {
    const ids = Ids.of(names);
    const [y_true, y_pred] = [new Float64Array(names.length).fill(151), new Float64Array(names.length).fill(206.25)];
    await bus.publish(LABELS, labelContract.write({ ids, y_true }, "json", Date.now()));
    await bus.publish(predictionsOf(CHAMPION), predictionContract.write({ ids, y_pred, model: "m@1", unit: "" }, "json", Date.now()));
  };
  /** Twenty rows of some 80 bytes. */
  const more = async () => {
    const names = Array.from({ length: 20 }, (_, i) => `${"row-of-a-long-name-".repeat(3)}${String(sent.length + i).padStart(6, "0")}`);
    await send(names);
    sent.push(...names);
  };
  return { sent, send, more, close: () => bus.close() };
}

test("metrics killed at each step of a rotation and of a compression, and at any other time, logs each row once over all parts", async () => {
  const [folder, restored] = [temporaryFolder(), temporaryFolder()];
  const backup = join(temporaryFolder(), "backup");
  const url = await freshVhost("rotation");
  const env = { AMQP_URL: url, LOGS_DIR: folder, LOG_ROTATE: "10kB" };
  const source = await openSource(url);
  const missing: string[] = [];
  const tail = new LaneTail([join(folder, "metric_log.csv")], (path) => missing.push(path));
  const seen: string[] = [];
  const look = async () => {
    for (let batch = await tail.next(); batch !== undefined; batch = await tail.next()) {
      expect(batch.startedOver).toBe(false);
      seen.push(...batch.ids.toArray());
    }
  };

  for (const step of STEPS) {
    const metrics = startService("metrics", { ...env, FAILPOINT: `metrics-${step}:2` });
    const ended = metrics.ended();
    // What the start before left is compressed first: that may be the end already.
    await Promise.race([metrics.says(/holds \d+ rows/).catch(() => ended), ended]);
    while (!metrics.isOver) await source.more();
    expect(await ended).toMatchObject({ signal: "SIGKILL" });
    await look();
    expect(await run(["verify"], { LOGS_DIR: folder })).toMatchObject({ code: 0, stderr: "" });
  }
  for (let kill = 0; kill < 2; kill += 1) {
    const metrics = startService("metrics", env);
    await metrics.says(/holds \d+ rows/);
    for (let batch = 0; batch < 30; batch += 1) await source.more();
    await look();
    await metrics.kill();
  }
  const metrics = startService("metrics", env);
  await metrics.says(/holds \d+ rows/);
  const backedUp = run(["backup", backup], { LOGS_DIR: folder });
  for (let batch = 0; batch < 60; batch += 1) await source.more();
  expect(await backedUp).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("Every row adds up.") });
  await until(
    "all rows are logged and all parts compressed",
    () => [countedIn(folder), partsIn(folder).filter((name) => name.endsWith(".csv")).length].join(),
    (counts) => counts === `${source.sent.length},1`,
  );
  await look();

  const ids = idsIn(folder);
  expect(ids.toSorted()).toEqual(source.sent.toSorted());
  expect(seen).toEqual(ids);
  expect(missing).toEqual([]);
  expect(partsIn(folder).length).toBeGreaterThan(2 * STEPS.length);
  expect(await run(["verify"], { LOGS_DIR: folder })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`the log has ${source.sent.length} lines`),
  });

  // Values that come again are found in compressed parts; another one is a conflict.
  await source.send([source.sent[0] ?? "", "new"]);
  await until(
    "the new row is logged",
    () => countedIn(folder),
    (count) => count === source.sent.length + 1,
  );
  metrics.signal("SIGTERM");
  expect(await metrics.ended()).toMatchObject({ code: 0, stderr: "" });

  expect(await run(["restore", backup], { LOGS_DIR: restored })).toMatchObject({ code: 0, stderr: "" });
  const before = idsIn(restored);
  expect(before).toEqual(ids.slice(0, before.length));
  expect(partsIn(restored).length).toBeGreaterThan(2);
  const other = { AMQP_URL: await freshVhost("rotation-restored"), LOGS_DIR: restored, LOG_ROTATE: "10kB" };
  const again = startService("metrics", other);
  await again.says(new RegExp(`holds ${before.length} rows`));
  const later = await openSource(other.AMQP_URL);
  await later.send(source.sent);
  await until(
    "all rows are there again",
    () => countedIn(restored),
    (count) => count === source.sent.length,
  );
  again.signal("SIGTERM");
  expect(await again.ended()).toMatchObject({ code: 0, stderr: "" });
  expect(idsIn(restored).toSorted()).toEqual(source.sent.toSorted());
  expect(await run(["verify"], { LOGS_DIR: restored })).toMatchObject({ code: 0, stderr: "" });
  await later.close();
  await source.close();
});
