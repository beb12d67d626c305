import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { ModelError, type ModelErrorReason } from "./model-error.js";

/** A file that holds constants of a model. */
export interface ExternalData {
  /** As the model names it. */
  readonly path: string;
  readonly data: Uint8Array;
}

const LFS_POINTER = "version https://git-lfs.github.com/spec/";

/**
 * Reads a model file whole: its version is the hash of every byte, and what is hashed must be what is loaded.
 *
 * @throws ModelError when the file is missing, unreadable, or a Git LFS pointer in place of the file.
 */
export async function readModelFile(path: string): Promise<Uint8Array> {
  try {
    return await readWhole(path, path, "this");
  } catch (cause) {
    throw cause instanceof ModelError ? cause : unreadable(path, cause);
  }
}

/**
 * Reads the files beside a model in which its constants stand, whole.
 *
 * @param names - as the model names them, relative to its folder.
 * @throws ModelError when one is missing, unreadable, or outside of the model's folder.
 */
export async function readExternalData(path: string, names: readonly string[]): Promise<ExternalData[]> {
  const files: ExternalData[] = [];
  for (const name of names) {
    const problem = (text: string, remedy: string, cause?: unknown) =>
      new ModelError({ path, reason: "external-data", problem: text, remedy, cause });
    if (name === "" || isAbsolute(name) || name.split(/[\\/]/).includes("..")) {
      throw problem(
        `the model keeps its numbers in the file "${name}", outside of its folder`,
        "Save it as one file: onnx.save_model(onnx.load(path), path, save_as_external_data=False)",
      );
    }
    const beside = join(dirname(path), name);
    try {
      files.push({ path: name, data: await readWhole(path, beside, `the file ${beside}, which holds the model's numbers,`) });
    } catch (cause) {
      if (cause instanceof ModelError) throw cause;
      throw problem(
        `the model keeps its numbers in a second file, ${name}, and that cannot be read (${cause instanceof Error ? cause.message : String(cause)})`,
        `Put ${name} beside the model, or save the model as one file: onnx.save_model(onnx.load(path), path, save_as_external_data=False)`,
        cause,
      );
    }
  }
  return files;
}

/** @returns the first 12 hex digits of the SHA-256 of all bytes. */
export function versionOf(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").slice(0, 12);
}

async function readWhole(model: string, path: string, what: string): Promise<Uint8Array> {
  const bytes = await readFile(path);
  if (bytes.toString("latin1", 0, LFS_POINTER.length) !== LFS_POINTER) return bytes;
  const reason: ModelErrorReason = "git-lfs-pointer";
  throw new ModelError({
    path: model,
    reason,
    problem: `${what} is a Git LFS pointer, not the ${what === "this" ? "model" : "file"} itself`,
    remedy: "Run `git lfs install && git lfs pull` where it was checked out",
  });
}

function unreadable(path: string, cause: unknown): ModelError {
  if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
    return new ModelError({
      path,
      reason: "missing",
      problem: "there is no such file",
      remedy: "Check the path (of services: MODEL_PATH), or make a model with `npm run train`",
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
