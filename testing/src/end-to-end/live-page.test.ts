import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { useBrowser, type Page } from "../browser/index.js";
import { freePorts, startPrivateBroker } from "../index.js";
import { temporaryFolder } from "../vitest/index.js";
import { compile } from "./harness/compile.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startService } from "./harness/program.js";
import type { NodeProcess } from "../node-process.js";

beforeAll(compile);
const { open } = useBrowser();

const ROWS_PER_SECOND = "50";
/** Longer than the back-off of services that look for their broker, and of a browser that looks for its gateway. */
const SOON_MS = 60_000;
/** The browser itself says that a gateway is away. */
const AWAY = /net::ERR_/;

/** The labelled rows of the range, as the page says them below its histogram. */
async function rowsShown(page: Page): Promise<number> {
  const text = await page.locator("#histogram ~ .range").textContent();
  return Number(/^([\d,]+) labelled rows?/.exec(text ?? "")?.[1]?.replaceAll(",", "") ?? 0);
}

async function showsMoreThan(page: Page, rows: number): Promise<void> {
  await expect.poll(() => rowsShown(page), { timeout: SOON_MS, message: "labelled rows on the page" }).toBeGreaterThan(rows);
}

test("the page follows a stream through a death of the broker and of the gateway, without a reload, and misses no row", async () => {
  const broker = await startPrivateBroker();
  onTestFinished(() => broker.stop());
  const [port = 0] = await freePorts(1);
  const logsDir = temporaryFolder();
  const env = { AMQP_URL: broker.url, LOGS_DIR: logsDir, GATEWAY_PORT: String(port), ROWS_PER_SECOND };
  const startGateway = (): NodeProcess => startService("gateway", env);
  let gateway = startGateway();
  const services = (["model", "metrics"] as const).map((name) => startService(name, env));
  const features = startService("features", env);
  await gateway.says(/The gateway is at /);
  const url = `http://127.0.0.1:${port}`;
  const page = await open(url, AWAY);
  await page.goto(url);
  await showsMoreThan(page, 50);
  await page.evaluate("window.isSame = true");

  await broker.kill();
  const isAway = page.locator("#problems").getByText("RabbitMQ does not answer");
  await isAway.waitFor({ timeout: SOON_MS });
  const before = await rowsShown(page);
  await broker.start();
  await isAway.waitFor({ state: "hidden", timeout: SOON_MS });
  await showsMoreThan(page, before + 50);

  gateway.signal("SIGKILL");
  await gateway.ended();
  await page.getByText("reconnecting …").waitFor({ timeout: SOON_MS });
  gateway = startGateway();
  await page.getByText("live", { exact: true }).waitFor({ timeout: SOON_MS });
  await showsMoreThan(page, before + 100);

  features.signal("SIGTERM");
  await features.ended();
  const { rows }: { readonly rows: number } = JSON.parse(readFileSync(join(logsDir, ".state", "features.json"), "utf8"));
  const log = new WrittenLog(logsDir);
  await log.has(rows);
  await expect.poll(() => rowsShown(page), { timeout: SOON_MS }).toBe(rows);
  expect([log.ids.length, new Set(log.ids).size]).toEqual([rows, rows]);
  expect(await page.evaluate("window.isSame")).toBe(true);
  for (const service of [...services, gateway]) service.signal("SIGTERM");
});
