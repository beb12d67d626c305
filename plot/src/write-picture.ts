import { randomUUID } from "node:crypto";
import { access, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const SUFFIX = ".tmp";

/** A picture could not be written; the one that was there before, if any, is untouched. */
export class PictureNotWrittenError extends Error {
  override readonly name = "PictureNotWrittenError";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`Cannot write the picture ${path}: check that its folder may be written and that the disk is not full.`, { cause });
    this.path = path;
  }
}

/**
 * Replaces the picture at `path`, and creates its folder when missing.
 *
 * Readers see either the old or the new picture in full: it is written under a temporary name beside the target
 * and then renamed. It is not synced to disk, since it can be drawn again from the log.
 *
 * @throws PictureNotWrittenError; nothing is left behind.
 */
export async function writePicture(path: string, png: Buffer): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeAndRename(path, png);
  } catch (error) {
    throw new PictureNotWrittenError(path, error);
  }
}

async function writeAndRename(path: string, content: Buffer): Promise<void> {
  const temporary = join(dirname(path), `${prefixOf(path)}${randomUUID()}${SUFFIX}`);
  try {
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Whether there is a picture at `path`. */
export async function pictureExists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes what a process that was killed while it wrote the picture at `path` has left behind. To be called at start,
 * by the only process that writes this picture.
 *
 * @returns how many files were removed.
 */
export async function removeAbandonedPictures(path: string): Promise<number> {
  const folder = dirname(path);
  const prefix = prefixOf(path);
  const abandoned = (await namesIn(folder)).filter((name) => name.startsWith(prefix) && name.endsWith(SUFFIX));
  await Promise.all(abandoned.map((name) => rm(join(folder, name), { force: true })));
  return abandoned.length;
}

/** Hidden, so that an open folder view does not flicker. */
function prefixOf(path: string): string {
  return `.${basename(path)}.`;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}
