import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { copyFile, mkdir, readFile, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { besideShared, replaceSharedFile, SavedFormat } from "@streamgauge/core";
import Type, { type Static } from "typebox";
import { isUrl, versionsAt } from "./model-place.js";
import { besides, type ModelVersion } from "./model-versions.js";

const PromotionSchema = Type.Object({
  version: Type.Literal(1),
  /** The lane that was promoted. */
  from: Type.String(),
  /** Name and version of its model. */
  model: Type.String(),
  /** The copy of its file, relative to the folder of promotions; or the URL of its server. */
  place: Type.String(),
  /** What the champion's own place held then: the promotion counts for as long as it holds the same. */
  replaced: Type.String(),
  /** When, ISO 8601. */
  at: Type.String(),
});

/** That the model of another lane scores in the champion's place. */
export type Promotion = Static<typeof PromotionSchema>;

const FORMAT = new SavedFormat<Promotion>({ what: "The promotion", version: 1, schema: PromotionSchema, upgrades: {} });

/** Where promotions are remembered. */
export function promotionsFolder(logsDir: string): string {
  return join(logsDir, ".state", "promoted");
}

function recordPath(logsDir: string): string {
  return join(promotionsFolder(logsDir), "champion.json");
}

/** @returns undefined if there is none, or it cannot be read. */
export async function readPromotion(logsDir: string): Promise<Promotion | undefined> {
  try {
    return FORMAT.read(await readFile(recordPath(logsDir), "utf8"));
  } catch {
    return undefined;
  }
}

/** Remembers a promotion: a crash leaves the old one or the new one. */
export function writePromotion(logsDir: string, promotion: Promotion): void {
  replaceSharedFile(recordPath(logsDir), FORMAT.write(promotion));
}

/** Copies a model and what lies beside it for it. @returns the path of the copy, which no later promotion changes. */
export async function keepModel(logsDir: string, path: string): Promise<string> {
  const folder = join(promotionsFolder(logsDir), await contentHash(path));
  await mkdir(folder, { recursive: true });
  const copy = join(folder, basename(path));
  for (const beside of besides(path)) {
    await copyFile(beside, join(folder, basename(beside))).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
  const beside = besideShared(copy);
  await copyFile(path, beside);
  await rename(beside, copy);
  return copy;
}

/** First 12 hex digits of the SHA-256 of a file. */
async function contentHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex").slice(0, 12);
}

/** What the champion's own place holds now, in a few letters: places that hold the same have the same letters. */
export async function identityOf(versions: readonly ModelVersion[]): Promise<string> {
  const [wanted] = versions;
  if (wanted === undefined) return "nothing";
  return isUrl(wanted.path) ? wanted.path : contentHash(wanted.path).catch(() => "unreadable");
}

/** The models of the champion: the promoted one first, for as long as its own place holds what it held then. */
export class ChampionVersions {
  readonly #place: string;
  readonly #logsDir: string;
  /** Reading a large file again and again would cost much. */
  #known: { readonly wanted: ModelVersion | undefined; readonly identity: string } | undefined;

  /** @param place - the champion's own path or URL. */
  constructor(place: string, logsDir: string) {
    this.#place = place;
    this.#logsDir = logsDir;
  }

  async versions(): Promise<readonly ModelVersion[]> {
    const own = await versionsAt(this.#place);
    const promotion = await readPromotion(this.#logsDir);
    if (promotion === undefined || promotion.replaced !== (await this.#identity(own))) return own;
    const place = isUrl(promotion.place) ? promotion.place : join(promotionsFolder(this.#logsDir), promotion.place);
    return [...(await versionsAt(place)), ...own];
  }

  async #identity(own: readonly ModelVersion[]): Promise<string> {
    const [wanted] = own;
    if (this.#known === undefined || this.#known.wanted?.path !== wanted?.path || this.#known.wanted?.mark !== wanted?.mark)
      this.#known = { wanted, identity: await identityOf(own) };
    return this.#known.identity;
  }
}
