import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { ModelError } from "./model-error.js";

/** The bytes of a model and the version they stand for. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  /** First 12 hex digits of the SHA-256 of `bytes`. */
  readonly version: string;
}

const LFS_POINTER = "version https://git-lfs.github.com/spec/";

/**
 * Reads a model file whole: its version is the hash of every byte, and what is hashed must be what is loaded.
 *
 * @throws ModelError when the file is missing, unreadable, or a Git LFS pointer in place of the file.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
  if (Buffer.from(bytes.subarray(0, LFS_POINTER.length)).toString("latin1") === LFS_POINTER) {
    throw new ModelError({
      path,
      reason: "git-lfs-pointer",
      problem: "this is a Git LFS pointer, not the model itself",
      remedy: "Run `git lfs install && git lfs pull` where it was checked out",
    });
  }
  const version = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  return { bytes, version };
}

function unreadable(path: string, cause: unknown): ModelError {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
    return new ModelError({
      path,
      reason: "missing",
      problem: "there is no such file",
      remedy: "Check MODEL_PATH, or make a model with `npm run train`",
      cause,
    });
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new ModelError({
    path,
    reason: "unreadable",
    problem: `the file cannot be read (${detail})`,
    remedy: "Give the path of one .onnx file that this user may read",
    cause,
  });
}
