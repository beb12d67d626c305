import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { beforeEach, expect, test } from "vitest";
import { versionsAt } from "./model-place.js";
import { ChampionVersions, identityOf, keepModel, promotionsFolder, readPromotion, writePromotion } from "./promotion.js";

let folder: string;
let logs: string;
let own: string;

beforeEach(() => {
  folder = temporaryFolder();
  logs = join(folder, "logs");
  own = join(folder, "a.onnx");
  writeFileSync(own, "a");
});

/** Promotes a file. */
async function promote(path: string): Promise<string> {
  const copy = await keepModel(logs, path);
  const replaced = await identityOf(await versionsAt(own));
  const place = copy.slice(promotionsFolder(logs).length + 1);
  writePromotion(logs, { version: 1, from: "challenger", model: "b@1", place, replaced, at: "2026-01-01T00:00:00.000Z" });
  return copy;
}

async function paths(champion = new ChampionVersions(own, logs)): Promise<string[]> {
  return (await champion.versions()).map(({ path }) => path);
}

test("a promoted copy comes before the champion's own, for as long as that holds the same bytes", async () => {
  const b = join(folder, "b.onnx");
  writeFileSync(b, "b");
  writeFileSync(join(folder, "b.json"), "{}");
  const champion = new ChampionVersions(own, logs);
  expect(await paths(champion)).toEqual([own]);
  const copy = await promote(b);
  expect([readFileSync(copy, "utf8"), readFileSync(join(copy, "../b.json"), "utf8")]).toEqual(["b", "{}"]);
  // The lane goes on with another file.
  writeFileSync(b, "c");
  expect(await paths(champion)).toEqual([copy, own]);
  // Written anew with the same bytes, as when it is deployed again.
  rmSync(own);
  writeFileSync(own, "a");
  expect(await paths(champion)).toEqual([copy, own]);
  writeFileSync(own, "a2");
  expect(await paths(champion)).toEqual([own]);
});

test("a server is promoted by its URL, and can be what is replaced", async () => {
  const [one, other] = ["http://host/v2/models/a", "http://host/v2/models/b"];
  const champion = new ChampionVersions(one, logs);
  writePromotion(logs, { version: 1, from: "challenger", model: other, place: other, replaced: one, at: "" });
  expect(await paths(champion)).toEqual([other, one]);
  expect(await paths(new ChampionVersions(other, logs))).toEqual([other]);
});

test("a record that cannot be read does not count", async () => {
  expect(await readPromotion(logs)).toBeUndefined();
  mkdirSync(promotionsFolder(logs), { recursive: true });
  writeFileSync(join(promotionsFolder(logs), "champion.json"), '{"version":2}');
  expect(await readPromotion(logs)).toBeUndefined();
  expect(await paths()).toEqual([own]);
});
