import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import axe from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, vi } from "vitest";

export type { Page } from "playwright-core";

/** The browser of the tests of a file. */
export interface TestBrowser {
  /** A page; any error that it reports, and anything that it asks elsewhere, fails the test. @param allowed - errors that it may report. */
  readonly open: (url: string, allowed?: RegExp) => Promise<Page>;
  /** A page whose errors are of no interest. */
  readonly openAnyway: () => Promise<Page>;
}

/** Starts Chromium for the tests of a file. */
export function useBrowser(): TestBrowser {
  // A browser is slow on a busy machine; the tests themselves do not wait.
  vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
  let browser: Browser;
  beforeAll(async () => {
    // Tests may run as root, and Chromium has no sandbox as root.
    browser = await chromium.launch({ executablePath: chromiumPath(), args: ["--no-sandbox", "--disable-dev-shm-usage"] });
  });
  afterAll(() => browser.close());
  return {
    open: async (url, allowed) => {
      const page = await browser.newPage();
      const complaints = complaintsOf(page, url);
      onTestFinished(async () => {
        await page.close();
        expect(complaints.filter((each) => allowed?.test(each) !== true)).toEqual([]);
      });
      return page;
    },
    openAnyway: async () => {
      const page = await browser.newPage();
      onTestFinished(() => page.close());
      return page;
    },
  };
}

function complaintsOf(page: Page, url: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("data:")) complaints.push(`asks ${request.url()}`);
  });
  return complaints;
}

function chromiumPath(): string {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/Applications/Chromium.app/Contents/MacOS"];
  const names = ["chromium", "chromium-browser", "google-chrome", "Chromium"];
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
  if (found === undefined) throw new Error('Chromium was not found: "npm test" installs it as root, or "apt-get install chromium".');
  return found;
}

/** What makes a page hard to use for some people. @param impacts - of violations; default: all. */
export async function violationsOf(page: Page, impacts?: readonly axe.ImpactValue[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations }: axe.AxeResults = JSON.parse(await page.evaluate("axe.run().then(JSON.stringify)"));
  return violations
    .filter(({ impact }) => impacts === undefined || impacts.includes(impact ?? null))
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}
