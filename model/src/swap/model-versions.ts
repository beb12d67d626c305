import { readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";

/** A file that may be a model. */
export interface ModelVersion {
  readonly path: string;
  /** Differs if the file, or what lies beside it for it, was written or replaced. */
  readonly mark: string;
}

/** Files that may belong to a model and lie beside it: what describes it, and what it keeps its weights in. */
export function besides(path: string): readonly string[] {
  const [folder, name] = [dirname(path), basename(path)];
  const stem = basename(path, extname(path));
  return [`${stem}.json`, "model.json", `${name}.data`, `${name}_data`, `${stem}.data`].map((beside) => join(folder, beside));
}

const byNumber = new Intl.Collator("en", { numeric: true });

/**
 * The models that a path stands for, the one that is wanted most first: the file itself; or of a folder each `*.onnx` in
 * it and each `model.onnx` one folder below, the greatest name first, where 10 comes after 9. None if there is nothing.
 */
export async function modelVersions(path: string): Promise<readonly ModelVersion[]> {
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return [];
  if (!there.isDirectory()) return marked([path]);
  const names = await readdir(path, { withFileTypes: true }).catch(() => []);
  const found = names
    .filter(({ name }) => !name.startsWith("."))
    .flatMap((entry) => {
      if (entry.name.endsWith(".onnx") && !entry.isDirectory()) return [{ name: entry.name, path: join(path, entry.name) }];
      if (entry.isDirectory() || entry.isSymbolicLink()) return [{ name: entry.name, path: join(path, entry.name, "model.onnx") }];
      return [];
    })
    .toSorted((one, other) => byNumber.compare(other.name, one.name));
  return marked(found.map((version) => version.path));
}

async function marked(paths: readonly string[]): Promise<ModelVersion[]> {
  const versions: ModelVersion[] = [];
  for (const path of paths) {
    const own = await markOf(path);
    if (own === undefined) continue;
    const marks = await Promise.all(besides(path).map(markOf));
    versions.push({ path, mark: [own, ...marks].join("|") });
  }
  return versions;
}

async function markOf(path: string): Promise<string | undefined> {
  const file = await stat(path).catch(() => undefined);
  return file?.isFile() === true ? `${file.ino}:${file.size}:${file.mtimeMs}` : undefined;
}
