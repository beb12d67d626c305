import { join, relative } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CHAMPION } from "@streamgauge/core";
import type { ModelConfig } from "../settings.js";
import { modelOptions } from "../session/model-options.js";
import { openModel } from "../session/index.js";
import { isUrl, placeOf, versionsAt } from "./model-place.js";
import { identityOf, keepModel, promotionsFolder, writePromotion } from "./promotion.js";
import { readScorerStatus } from "./scorer-status.js";

/** What came of a promotion. */
export interface Promoted {
  /** Name and version, or the URL, of what is champion from now on. */
  readonly model: string;
  /** Name and version of what scored before, as far as it is known. */
  readonly before: string | undefined;
  /** Whether the champion's process scores with it already. */
  readonly scores: boolean;
}

/** How long the champion's process may take to say that it scores with it. */
const WAIT_MS = 20_000;

/** A lane cannot be promoted. */
export class PromotionError extends Error {
  override readonly name = "PromotionError";
}

/**
 * Makes the model of a lane the champion's: a copy of it is kept below LOGS_DIR, so that the lane can go on with other ones,
 * and the champion's process takes it over as it takes over a file that was replaced.
 *
 * @throws PromotionError, ModelError
 */
export async function promote(config: ModelConfig, lane: string): Promise<Promoted> {
  const { LOGS_DIR: logsDir } = config;
  if (lane === CHAMPION) throw new PromotionError(`${CHAMPION} is the champion.`);
  if (!config.LANES.some(({ name }) => name === lane))
    throw new PromotionError(
      `LANES does not name the lane ${lane}: set it as for the services, such as LANES=champion=a.onnx,${lane}=b.onnx.`,
    );
  const place = placeOf(config, lane);
  const [wanted] = await versionsAt(place);
  if (wanted === undefined) throw new PromotionError(`There is no model at ${place}.`);
  const before = readScorerStatus(logsDir, CHAMPION);
  const replaced = await identityOf(await versionsAt(placeOf(config, CHAMPION)));
  const at = new Date().toISOString();
  if (isUrl(wanted.path)) {
    writePromotion(logsDir, { version: 1, from: lane, model: wanted.path, place: wanted.path, replaced, at });
    return { model: wanted.path, before: before?.model, scores: await changes(logsDir, before?.since) };
  }
  const copy = await keepModel(logsDir, wanted.path);
  const opened = await openModel(copy, await modelOptions(config, config.DATASET_PATH));
  const model = `${opened.name}@${opened.version}`;
  await opened.close();
  writePromotion(logsDir, { version: 1, from: lane, model, place: relative(promotionsFolder(logsDir), copy), replaced, at });
  return { model, before: before?.model, scores: await becomes(logsDir, model) };
}

async function becomes(logsDir: string, model: string): Promise<boolean> {
  return waitFor(() => readScorerStatus(logsDir, CHAMPION)?.model === model);
}

/** A server's model is known by its answers only: any change after the promotion is it. */
async function changes(logsDir: string, since: number | undefined): Promise<boolean> {
  return waitFor(() => readScorerStatus(logsDir, CHAMPION)?.since !== since);
}

async function waitFor(isSo: () => boolean): Promise<boolean> {
  const giveUpAt = performance.now() + WAIT_MS;
  while (!isSo()) {
    if (performance.now() > giveUpAt) return false;
    await delay(100);
  }
  return true;
}

/** Where promotions are remembered, for the user. */
export function promotionRecord(logsDir: string): string {
  return join(promotionsFolder(logsDir), "champion.json");
}
