import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useBrowser } from "@streamgauge/testing/browser";
import { startSumModel } from "./testing/sum-model.js";
import { testGateway } from "./testing/test-gateway.js";

const { open, openAnyway } = useBrowser();

function csvFile(logsDir: string): string {
  const path = join(mkdtempSync(join(logsDir, "upload-")), "study.csv");
  const lines = Array.from({ length: 5_000 }, (_, i) => `${i},1,${i + 1 + (i % 100)}`);
  writeFileSync(path, `a,b,target\n${lines.join("\n")}\nx,y,z\n`);
  return path;
}

test("a job is created from a file, run, followed to its end, and its errors are shown", async () => {
  const { url, logsDir, bus } = await testGateway();
  const page = await open(url);
  await page.goto(`${url}/jobs`);
  await page.getByText("No jobs yet.").waitFor();
  await page.getByLabel("File").setInputFiles(csvFile(logsDir));
  await page.getByLabel("Label column").fill("target");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText('5,000 rows; 1 refused, the first: row 5000: not a finite number, got "z".').waitFor();
  const row = page.locator("tr[data-job]");
  await page.locator('tr[data-status="created"]').waitFor();
  await row.getByRole("button", { name: "Run" }).click();
  await page.locator('tr[data-status="running"]').waitFor();
  await startSumModel(bus("model"));
  await page.locator('tr[data-status="succeeded"]').waitFor();
  await expect.poll(() => row.locator("progress").getAttribute("value")).toBe("1");
  await page
    .locator("#details dd", { hasText: /^49\.5$/ })
    .first()
    .waitFor();
  const bars = page.locator("#histogram rect");
  await bars.first().waitFor();
  expect(await bars.count()).toBe(20);
  expect(await bars.first().locator("title").textContent()).toBe("0 to 5: 250 rows");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "CSV" }).click();
  expect((await download).suggestedFilename()).toMatch(/^j\w+\.csv$/);
  await row.getByRole("button", { name: "Remove" }).click();
  await page.getByText("No jobs yet.").waitFor();
});

test("warnings about an upload are shown until the next one", async () => {
  const { url, logsDir } = await testGateway({}, { model: () => ({ label: "", features: ["a"], kinds: ["number"] }) });
  const page = await open(url);
  await page.goto(`${url}/jobs`);
  const warnings = page.getByRole("list", { name: "Warnings" }).getByRole("listitem");
  await page.getByLabel("File").setInputFiles(csvFile(logsDir));
  await page.getByRole("button", { name: "Create" }).click();
  await warnings.nth(1).waitFor();
  expect(await warnings.allTextContents()).toEqual([
    'The model does not take these columns, they are passed over: "b", "target".',
    'No row has a label, so the job will have predictions and no errors. If the column "target" holds the labels, name it: POST /jobs?target=target.',
  ]);
  const path = join(logsDir, "fits.csv");
  writeFileSync(path, "a,y_true\n1,2\n");
  await page.getByLabel("File").setInputFiles(path);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("1 row.").waitFor();
  expect(await warnings.count()).toBe(0);
});

test("a running job is cancelled, and what a service says is never markup", async () => {
  const { url, post } = await testGateway();
  const markup = "<img src=x onerror=alert(1)>";
  await post(`/jobs?name=${encodeURIComponent(markup)}`, "a\n1\n", "text/csv");
  const page = await open(url);
  await page.goto(`${url}/jobs`);
  await page.getByRole("button", { name: markup }).waitFor();
  await page.getByRole("button", { name: "Run" }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.locator('tr[data-status="cancelled"]').waitFor();
});

test("the keyboard stays where it is while jobs are followed, and what is gone goes", async () => {
  const { url, post } = await testGateway();
  const created: { id: string } = JSON.parse(await (await post("/jobs?name=first", "a\n1\n", "text/csv")).text());
  const page = await open(url);
  await page.goto(`${url}/jobs`);
  const first = page.getByRole("button", { name: "first" });
  await first.focus();
  await post("/jobs?name=second", "a\n1\n", "text/csv");
  await page.getByRole("button", { name: "second" }).waitFor();
  expect(await first.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator('tr[data-status="running"]').waitFor();
  expect(await first.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
  for (let i = 0; i < 2; i += 1) await fetch(`${url}/jobs/${created.id}`, { method: "DELETE" });
  await first.waitFor({ state: "detached" });
});

test("a narrow window shows everything without scrolling the page, and a suffix may be in capitals", async () => {
  const { url, logsDir } = await testGateway();
  const page = await open(url);
  await page.setViewportSize({ width: 360, height: 800 });
  await page.goto(`${url}/jobs`);
  const path = join(logsDir, "STUDY.CSV");
  writeFileSync(path, "a,y_true\n1,2\n");
  await page.getByLabel("File").setInputFiles(path);
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator("tr[data-job]").waitFor();
  expect(await page.locator("html").evaluate((element) => element.scrollWidth)).toBe(360);
});

test("the page to try the API sends the key that it is given", async () => {
  const key = "0123456789abcdef";
  const { url } = await testGateway({ API_KEYS: key });
  const page = await open(url);
  await page.goto(`${url}/docs`);
  await page.getByRole("button", { name: "Authorize" }).click();
  await page.locator(".auth-container input").fill(key);
  await page.locator(".auth-container button.authorize").click();
  await page.locator(".btn-done").click();
  await page.getByText("Asks for a prediction").click();
  const request = page.waitForRequest((asked) => asked.method() === "POST");
  await page.getByRole("button", { name: "Execute" }).click();
  expect((await request).headers()["x-api-key"]).toBe(key);
});

test("if keys are needed, the page asks for one and remembers it", async () => {
  const key = "0123456789abcdef";
  const { url, logsDir } = await testGateway({ API_KEYS: key });
  const page = await openAnyway();
  await page.goto(`${url}/jobs`);
  await page.getByLabel("File").setInputFiles(csvFile(logsDir));
  await page.getByLabel("Label column").fill("target");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Writing needs an API key").waitFor();
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Create" }).click();
  await page.locator('tr[data-status="created"]').waitFor();
  await page.reload();
  expect(await page.getByLabel("API key").inputValue()).toBe(key);
});

test("the page to try the API works without the internet", async () => {
  const { url } = await testGateway();
  const page = await open(url);
  await page.goto(`${url}/docs`);
  await page.getByText("Asks for a prediction").waitFor();
  await page.getByText("Sends rows to be scored").waitFor();
});
