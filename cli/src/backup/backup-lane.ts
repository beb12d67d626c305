import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { LanePartition, readPartitions, syncFolder, writePartitions } from "@streamgauge/core";
import { lanePaths, type LanePaths } from "@streamgauge/core/metric-log";
import { snapshotStore, StateStore } from "@streamgauge/metrics";
import { NoStateError } from "../lane-state.js";
import { verifyLane } from "../verify/verify-lane.js";
import { BackupError } from "./backup-error.js";
import { copyStart, digestOf } from "./copy-file.js";
import { copyLog } from "./copy-log.js";
import { writeManifest, type CheckedCopy, type Manifest } from "./manifest.js";

/** How much of each file a store has committed. */
interface Extents {
  readonly path: (paths: LanePaths) => string;
  readonly bytes: number;
}

/**
 * Copies a lane as one commit left it, while metrics runs or not, and verifies the copy. The store is copied first, in one version; the other
 * files are only appended to, so their first bytes, as many as that version has committed, are those of the same commit.
 *
 * The folder is there when everything in it is durable and verified, and not before.
 *
 * @returns what it has, and a sentence for each thing that the lane itself lacks.
 * @throws NoStateError; BackupError if the target is not empty, or what was copied does not add up.
 */
export async function backupLane(logsDir: string, lane: string, target: string, now: Date): Promise<CheckedCopy> {
  const folder = resolve(target);
  requireEmpty(folder);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const partitions = LanePartition.all(lane, readPartitions(logsDir));
  const files: string[] = [];
  const lacks: string[] = [];
  let lines = 0;
  for (const partition of partitions) {
    const from = lanePaths(logsDir, partition);
    if (!existsSync(from.state)) throw new NoStateError(logsDir, partition);
    const to = lanePaths(unfinished, partition);
    await snapshotStore(from.state, to.state);
    files.push(dataOf(to));
    const extents = await extentsIn(to.state, logsDir, partition);
    files.push(...copyLog(from.log, to.log, extents.log), ...copyCommitted(extents.others, from, to));
    const { state, problems, unchecked } = await verifyLane(unfinished, partition);
    if (problems.length > 0)
      throw new BackupError(
        `The copy of ${logsDir} does not add up, and is no backup: ${problems.join(" ")} Does \`streamgauge verify\` pass there?`,
      );
    lines += state.log.lines;
    lacks.push(...unchecked);
    // A reader makes it; it is not a part of the store.
    rmSync(join(to.state, "lock.mdb"), { force: true });
  }
  // Commands that read find the parts by it.
  if (partitions.length > 1) writePartitions(unfinished, partitions.length);
  const divided = partitions.length === 1 ? {} : { partitions: partitions.length };
  const entries = files.map((path) => entryOf(unfinished, path));
  const manifest = { version: 1, lane, ...divided, made: now.toISOString(), lines, files: entries } as const;
  writeManifest(unfinished, manifest);
  syncFolders(unfinished);
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  renameSync(unfinished, folder);
  syncFolder(dirname(folder));
  return { manifest, lacks };
}

function requireEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new BackupError(`${folder} is not empty: give a folder that does not exist, one for each backup.`);
}

function dataOf({ state }: LanePaths): string {
  return join(state, "data.mdb");
}

async function extentsIn(state: string, logsDir: string, partition: LanePartition) {
  const store = StateStore.openReadOnly(state);
  try {
    const committed = store.state();
    if (committed === undefined) throw new NoStateError(logsDir, partition);
    const others: readonly Extents[] = [
      { path: ({ unmatched }) => unmatched, bytes: committed.unmatched.length },
      { path: ({ conflicts }) => conflicts, bytes: committed.conflicts.length },
      { path: ({ corrections }) => corrections, bytes: committed.corrections.length },
      { path: ({ lines }) => lines, bytes: store.monitor()?.recordsLength ?? 0 },
      { path: ({ codes }) => codes, bytes: store.monitor()?.codes?.length ?? 0 },
    ];
    return { log: committed.log.length, others };
  } finally {
    await store.close();
  }
}

/** @returns the copies. */
function copyCommitted(extents: readonly Extents[], from: LanePaths, to: LanePaths): string[] {
  const copies: string[] = [];
  for (const { path, bytes } of extents) {
    if (bytes === 0) continue;
    if (!existsSync(path(from))) throw new BackupError(`${path(from)} is missing; ${bytes} bytes of it are committed.`);
    const copied = copyStart(path(from), path(to), bytes);
    if (copied.bytes < bytes) throw new BackupError(`${path(from)} has ${copied.bytes} bytes; ${bytes} are committed.`);
    copies.push(path(to));
  }
  return copies;
}

function entryOf(folder: string, path: string): Manifest["files"][number] {
  return { path: relative(folder, path).split(sep).join("/"), ...digestOf(path) };
}

/** Makes the names in a folder and those below it durable. */
function syncFolders(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) syncFolders(join(folder, entry.name));
  syncFolder(folder);
}

/** Creates the folder above a backup. */
export function makeRoom(target: string): void {
  mkdirSync(dirname(resolve(target)), { recursive: true });
}
