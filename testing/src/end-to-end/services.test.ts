import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { freshVhost, startPrivateBroker } from "../index.js";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { compile } from "./harness/compile.js";
import { expectStudy } from "./harness/expect-study.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startCli, startService } from "./harness/program.js";
import type { NodeProcess } from "../node-process.js";

type Name = "features" | "model" | "metrics" | "plot";

const CONNECTED = /Connected to RabbitMQ at /;
const CLEAN = { code: 0, signal: null, stderr: "" };

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

/** Stops an endless source, and returns how many rows the broker has confirmed. */
async function stopSource(features: NodeProcess, logsDir: string): Promise<number> {
  await stop(features);
  const checkpoint: { readonly rows: number } = JSON.parse(readFileSync(join(logsDir, ".state", "features.json"), "utf8"));
  return checkpoint.rows;
}

/** SIGTERM, and the end that follows. */
async function stop(program: NodeProcess): Promise<void> {
  program.signal("SIGTERM");
  expect(await program.ended()).toMatchObject(CLEAN);
}

describe("four services", () => {
  test.each<[Name, Name, Name, Name]>([
    ["features", "model", "metrics", "plot"],
    ["plot", "metrics", "model", "features"],
    ["model", "features", "plot", "metrics"],
    ["metrics", "plot", "features", "model"],
  ])("started as %s, %s, %s, %s log every row, and each ends with 0", async (...order) => {
    const folder = temporaryFolder();
    const env = { AMQP_URL: await freshVhost("order"), LOGS_DIR: folder, ROWS_PER_SECOND: "0", ROW_LIMIT: "442" };
    const services = new Map<Name, NodeProcess>();
    for (const name of order) {
      const service = startService(name, env);
      services.set(name, service);
      // features may have sent all and ended before it is asked.
      await service.says(CONNECTED);
    }
    const log = new WrittenLog(folder);
    await log.has(442);
    const source = services.get("features");
    expect(await source?.ended()).toMatchObject(CLEAN);
    expect(source?.stdout).toMatch(/Run \S+: 442 of 442 rows sent, /);
    for (const [name, service] of services) if (name !== "features") await stop(service);
    expectStudy(log);
    expect(statSync(join(folder, "error_distribution.png")).size).toBeGreaterThan(20_000);
  });

  test("end with 0 in the middle of their work, and go on with it when they are started again", async () => {
    const folder = temporaryFolder();
    const env = { AMQP_URL: await freshVhost("again"), LOGS_DIR: folder, ROW_LIMIT: "2000" };
    const names = ["features", "model", "metrics"] as const;
    const log = new WrittenLog(folder);
    const first = names.map((name) => startService(name, { ...env, ROWS_PER_SECOND: "100" }));
    await log.has(50);
    for (const service of first) service.signal("SIGTERM");
    for (const service of first) expect(await service.ended()).toMatchObject(CLEAN);
    expect(log.lines.length).toBeLessThan(2_000);
    const [features, ...others] = names.map((name) => startService(name, { ...env, ROWS_PER_SECOND: "0" }));
    await features?.says(/Run \S+ goes on after row \d+\./);
    await log.has(2_000);
    expect(await features?.ended()).toMatchObject(CLEAN);
    for (const service of others) await stop(service);
    expect([log.lines.length, new Set(log.ids).size]).toEqual([2_000, 2_000]);
    expect(log.ids.toSorted().at(-1)?.endsWith("-0000002000")).toBe(true);
  });
});

test("two models share the work, and the death of one loses nothing", async () => {
  const folder = temporaryFolder();
  const env = { AMQP_URL: await freshVhost("models"), LOGS_DIR: folder, ROWS_PER_SECOND: "1000" };
  const log = new WrittenLog(folder);
  const metrics = startService("metrics", env);
  const models = [startService("model", env), startService("model", env)] as const;
  for (const model of models) await model.says(/ scores lane champion/);
  const features = startService("features", env);
  await log.has(500);
  const shares = await Promise.all(models.map((model) => model.metric("streamgauge_model_rows_total")));
  expect(Math.min(...shares.map(Number))).toBeGreaterThan(50);
  models[0].signal("SIGKILL");
  expect(await models[0].ended()).toMatchObject({ code: null, signal: "SIGKILL" });
  await log.has(log.lines.length + 500);
  const sent = await stopSource(features, folder);
  await log.has(sent);
  await stop(models[1]);
  await stop(metrics);
  expect([log.lines.length, new Set(log.ids).size]).toEqual([sent, sent]);
});

test("a broker that is away for a while costs no row", async () => {
  const broker = await startPrivateBroker();
  onTestFinished(() => broker.stop());
  const folder = temporaryFolder();
  const env = { AMQP_URL: await broker.addVhost("away"), LOGS_DIR: folder, ROWS_PER_SECOND: "300" };
  const log = new WrittenLog(folder);
  const services = (["features", "model", "metrics", "plot"] as const).map((name) => startService(name, env));
  await log.has(100);
  await broker.ctl("stop_app");
  for (const service of services) await service.says(/The link to RabbitMQ is lost/);
  const before = log.lines.length;
  await broker.ctl("start_app");
  await log.has(before + 200);
  const [features, ...others] = services;
  const sent = features === undefined ? 0 : await stopSource(features, folder);
  await log.has(sent);
  for (const service of others) await stop(service);
  expect([log.lines.length, new Set(log.ids).size]).toEqual([sent, sent]);
});

describe("`AMQP_URL=… streamgauge up`", () => {
  test("logs every row, sums up and ends with 0", async () => {
    const folder = temporaryFolder();
    const env = { AMQP_URL: await freshVhost("up"), LOGS_DIR: folder, ROWS_PER_SECOND: "0", ROW_LIMIT: "442" };
    const { stdout, ...end } = await startCli(["up"], env).ended();
    expect(end).toEqual(CLEAN);
    expect(stdout).toMatch(/^logged {11}442$/m);
    expect(stdout).toMatch(/^MAE {14}43\.27745$/m);
    expectStudy(new WrittenLog(folder));
  });

  test("goes on with a run that was interrupted, and sums up what it added itself", async () => {
    const folder = temporaryFolder();
    const env = { AMQP_URL: await freshVhost("up-again"), LOGS_DIR: folder, ROW_LIMIT: "2000" };
    const log = new WrittenLog(folder);
    const first = startCli(["up"], { ...env, ROWS_PER_SECOND: "100" });
    await log.has(50);
    first.signal("SIGINT");
    expect(await first.ended()).toMatchObject(CLEAN);
    const earlier = log.lines.length;
    expect(earlier).toBeLessThan(2_000);
    const { stdout, ...end } = await startCli(["up"], { ...env, ROWS_PER_SECOND: "0" }).ended();
    expect(end).toEqual(CLEAN);
    expect(stdout).toMatch(/Run \S+ goes on after row \d+\./);
    expect([log.lines.length, new Set(log.ids).size]).toEqual([2_000, 2_000]);
    expect(stdout).toMatch(new RegExp(`^logged {11}${(2_000 - earlier).toLocaleString("en")}$`, "m"));
  });

  test("waits for a broker that is not there yet, and is stopped meanwhile with 0", async () => {
    const folder = temporaryFolder();
    const run = startCli(["up"], { AMQP_URL: "amqp://user:secret@127.0.0.1:1", LOGS_DIR: folder });
    const line = await run.says(/RabbitMQ at 127\.0\.0\.1:1 cannot be used/);
    expect(line).toContain("Trying again until it answers.");
    run.signal("SIGINT");
    const { stdout, ...end } = await run.ended();
    expect(end).toEqual(CLEAN);
    expect(stdout).not.toContain("secret");
    expect(() => readFileSync(join(folder, "metric_log.csv"))).toThrow("ENOENT");
  });
});
