import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHAMPION, connectBus, LABELS, topologyOf } from "@streamgauge/core";
import { defaultModelPath } from "@streamgauge/model";
import { captureLog, freshVhost, until } from "../index.js";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { compile } from "./harness/compile.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startCli } from "./harness/program.js";

vi.setConfig({ testTimeout: 180_000 });
beforeAll(compile);

/** The records of a `corrections.csv`, without its header: id, old, new, time, who. */
function corrections(folder: string, name: string): string[][] {
  const path = join(folder, name);
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(1, -1)
    .map((record) => record.split(","));
}

test("over RabbitMQ a label is corrected by HTTP and by a foreign message, in every lane, and windows follow", async () => {
  const folder = temporaryFolder();
  const url = await freshVhost("corrections");
  const env = { AMQP_URL: url, LOGS_DIR: folder, LANES: `champion,challenger=${defaultModelPath}`, GATEWAY_PORT: "0" };
  const logs = { champion: new WrittenLog(folder), challenger: new WrittenLog(folder, "challenger") };
  const run = startCli(["up"], { ...env, ROWS_PER_SECOND: "50" });
  const [gateway = ""] = /http:\/\/[\d.:]+\d/.exec(await run.says(/The gateway is at /)) ?? [];
  await Promise.all([logs.champion.has(20), logs.challenger.has(20)]);
  const [first = "", second = ""] = logs.champion.ids;

  const headers = { "content-type": "application/json" };
  const sent = await fetch(`${gateway}/labels?correct=true&who=ann`, {
    method: "POST",
    headers,
    body: JSON.stringify({ id: first, y_true: 1_000 }),
  });
  expect(sent.status).toBe(202);
  const bus = await connectBus({ url, topology: topologyOf([CHAMPION]), name: "curator", log: captureLog().log });
  onTestFinished(() => bus.close());
  // As pika sends True, and whole seconds.
  const body = Buffer.from(JSON.stringify({ id: second, y_true: -5 }));
  await bus.publish(LABELS, {
    body,
    contentType: "application/json",
    type: "",
    timestamp: 1_700_000_000_000,
    headers: { correction: true },
  });

  const files = ["corrections.csv", "corrections.challenger.csv"] as const;
  for (const file of files) {
    await until(`${file} has both`, () => corrections(folder, file).length === 2);
    const byId = new Map(corrections(folder, file).map(([id = "", , label, time, who]) => [id, [label, time, who]]));
    expect(byId.get(first)).toEqual(["1000", expect.stringMatching(/^2\d{3}-\d\d-\d\dT/), "ann"]);
    expect(byId.get(second)).toEqual(["-5", "2023-11-14T22:13:20.000Z", "streamgauge-curator"]);
  }
  run.signal("SIGINT");
  expect(await run.ended()).toMatchObject({ code: 0, stderr: "" });

  for (const [lane, { lines }] of Object.entries(logs)) {
    const label = (id: string, before: string) => (id === first ? 1_000 : id === second ? -5 : Number(before));
    const errors = lines.map((line) => line.split(",")).map(([id = "", yTrue = "", yPred]) => Math.abs(label(id, yTrue) - Number(yPred)));
    const shown = await startCli(["windows", "--lane", lane, "--size", "1d", "--json"], env).ended();
    const { windows }: { windows: { labelled: number; mae: number; max_error: number }[] } = JSON.parse(shown.stdout);
    expect(windows.reduce((sum, { labelled }) => sum + labelled, 0)).toBe(errors.length);
    const sum = windows.reduce((total, { labelled, mae }) => total + labelled * mae, 0);
    expect(sum).toBeCloseTo(
      errors.reduce((total, error) => total + error, 0),
      6,
    );
    expect(Math.max(...windows.map((window) => window.max_error))).toBe(Math.max(...errors));
    expect(await startCli(["verify", "--lane", lane], env).ended()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("2 received = 2 applied"),
    });
  }
});
