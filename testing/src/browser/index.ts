import axe from "axe-core";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, vi } from "vitest";
import { launchChromium } from "./chromium.js";

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
    browser = await launchChromium();
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

/** What makes a page hard to use for some people. @param impacts - of violations; default: all. */
export async function violationsOf(page: Page, impacts?: readonly axe.ImpactValue[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations }: axe.AxeResults = JSON.parse(await page.evaluate("axe.run().then(JSON.stringify)"));
  return violations
    .filter(({ impact }) => impacts === undefined || impacts.includes(impact ?? null))
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`));
}
