import { existsSync, mkdirSync } from "node:fs";
import { open } from "lmdb";
import { DATABASES, StateStore } from "./state-store.js";

/**
 * Copies a store as it was committed last, whether metrics runs or not: LMDB reads one version of all pages while others are written.
 *
 * @param to - a new folder.
 * @throws if the folder has no state.
 */
export async function snapshotStore(folder: string, to: string): Promise<void> {
  if (!StateStore.isAt(folder)) throw new Error(`${folder} has no state of metrics.`);
  mkdirSync(to, { recursive: true });
  const root = open({ path: folder, noSubdir: false, readOnly: true, maxDbs: DATABASES.length + 1 });
  try {
    // Compact: it reads in one transaction. The other way locks the writer for its first pages.
    await root.backup(to, true);
  } finally {
    await root.close();
  }
}

/** Makes a copied store one that metrics takes for its own. */
export async function adoptStore(folder: string): Promise<void> {
  if (!existsSync(folder)) throw new Error(`${folder} is missing.`);
  await StateStore.open(folder).close();
}
