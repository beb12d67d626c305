import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "vitest";

/** Cases of a full disk need one that may be filled. */
export class MountError extends Error {
  override readonly name = "MountError";
  readonly folder: string;

  constructor(folder: string, options: ErrorOptions) {
    super(
      `A small disk could not be mounted at ${folder}. The cases of a full disk need Linux and the right to mount: run them as root, ` +
        "in a container with --cap-add SYS_ADMIN, or below `unshare --map-root-user --mount`.",
      options,
    );
    this.folder = folder;
  }
}

/** A disk in memory, unmounted at the end of the case. @throws MountError: a case that cannot be run does not pass. */
export async function mountSmallDisk(context: TestContext, mebibytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), "streamgauge-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", folder]);
  } catch (error) {
    throw new MountError(folder, { cause: error });
  }
  context.onTestFinished(async () => {
    execFileSync("umount", ["--lazy", folder]);
    await rm(folder, { recursive: true });
  });
  return new SmallDisk(folder);
}

export class SmallDisk {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  get #ballast(): string {
    return join(this.folder, "ballast");
  }

  /** Writes until nothing more fits. */
  fill(): void {
    const fd = openSync(this.#ballast, "a");
    try {
      for (let bytes = 1 << 20; bytes >= 1;) {
        try {
          writeSync(fd, Buffer.alloc(bytes));
        } catch (error) {
          if (Object(error)["code"] !== "ENOSPC") throw error;
          bytes = Math.floor(bytes / 2);
        }
      }
    } finally {
      closeSync(fd);
    }
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true });
  }
}
