import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { startFakeReceiver } from "../fake-receiver.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { startCli } from "./harness/program.js";

// Processes of a busy machine; nothing here takes its time by itself.
vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

const RULES = "rules:\n  - name: mae-high\n    kind: mae\n    above: 30\n    window: 10m\n";

async function receiver(...options: Parameters<typeof startFakeReceiver>) {
  const started = await startFakeReceiver(...options);
  onTestFinished(() => started.close());
  return started;
}

describe("streamgauge up", () => {
  test("delivers an alert on the error of the default study, and `alerts` lists it", async () => {
    const folder = temporaryFolder();
    const hook = await receiver();
    writeFileSync(join(folder, "rules.yaml"), RULES);
    const env = { LOGS_DIR: "logs", ALERTS_PATH: "rules.yaml", GATEWAY_PORT: "0" };
    const run = { ...env, ALERT_WEBHOOK_URLS: hook.url, ROW_LIMIT: "442", ROWS_PER_SECOND: "100" };
    const { code } = await startCli(["up"], run, folder).ended();
    expect(code).toBe(0);
    const [request] = await hook.first(1);
    const { type, data } = JSON.parse(request?.body ?? "");
    expect([type, data]).toEqual([
      "alert.firing",
      expect.objectContaining({ rule: "mae-high", bound: 30, unit: "disease progression score", lane: "champion" }),
    ]);
    expect(data.value).toBeGreaterThan(30);
    const { stdout } = await startCli(["alerts", "--json"], env, folder).ended();
    const [rule] = JSON.parse(stdout).rules;
    expect(rule).toMatchObject({ rule: "mae-high", state: "firing", alert: data });
    expect((await startCli(["alerts", "silence", "mae-high", "--for", "2h"], env, folder).ended()).stdout).toMatch(
      /^No alerts of mae-high are sent in all lanes until \S+\.\n$/,
    );
    expect(JSON.parse((await startCli(["alerts", "--json"], env, folder).ended()).stdout).rules[0].silenced_until).toMatch(/^20/);
  });

  test("does not start with a mistake in the rules, and names it", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "rules.yaml"), RULES.replace("30", "thirty"));
    const { code, stderr } = await startCli(["up"], { ALERTS_PATH: "rules.yaml", GATEWAY_PORT: "0" }, folder).ended();
    expect(code).toBe(1);
    expect(stderr).toContain(
      'rules.yaml, rule "mae-high", field above: must be a number of 0 or more (it is "thirty"); write for instance above: 50.',
    );
  });
});

describe("streamgauge alerts", () => {
  test("--test sends a sample to each receiver, says who took it, and exits with 1 if one did not", async () => {
    const [good, bad] = [await receiver(), await receiver(503)];
    const env = { ALERT_WEBHOOK_URLS: good.url, ALERT_SLACK_URLS: bad.url, ALERT_TIMEOUT_MS: "1500" };
    const { code, stdout } = await startCli(["alerts", "--test"], env, temporaryFolder()).ended();
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: `took it  logs/alerts.jsonl\ntook it  webhook ${new URL(good.url).host}\ndid NOT take it  slack ${new URL(bad.url).host}\n`,
    });
    expect(good.requests.map(({ body }) => JSON.parse(body).data.test)).toEqual([true, true]);
  });

  test.each([
    [["alerts"], /^logs has no state of lane champion: metrics has not run there\. Set LOGS_DIR to the folder of the log\.\n$/],
    [
      ["alerts", "silence", "mae", "--for", "2h"],
      /There is no rule "mae": it must be one of error-worse, error-better, dead-letters, no-rows, no-labels\./,
    ],
    [["alerts", "silence", "no-rows", "--for", "soon"], /"soon" is no time: write 30m, 2h or 7d\./],
    [["alerts", "silence", "no-rows"], /required option '--for <time>' not specified/],
  ])("%j is refused, and says what to do", async (args, message) => {
    const { code, stderr } = await startCli(args, {}, temporaryFolder()).ended();
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});
