import { CHAMPION, readConfig } from "@streamgauge/core";
import type { Command } from "commander";
import { laneArgument } from "../lanes/lane-argument.js";
import { SETTINGS } from "../settings.js";
import { backupLane, makeRoom } from "./backup-lane.js";
import { restoreLane } from "./restore-lane.js";

/** `streamgauge backup`: copies a lane's log and state as one commit left them. */
export function addBackupCommand(program: Command): void {
  program
    .command("backup <folder>")
    .description(
      "copy the log and the state of a lane in LOGS_DIR to a new folder, as one commit left them, whether metrics runs or not; the copy is verified",
    )
    .option("--lane <lane>", "the lane that is copied", laneArgument, CHAMPION)
    .action(async (folder: string, { lane }: { lane: string }) => {
      const { LOGS_DIR } = readConfig(SETTINGS, process.env);
      makeRoom(folder);
      const { manifest, lacks } = await backupLane(LOGS_DIR, lane, folder, new Date());
      const { lines, files } = manifest;
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      process.stdout.write(`${folder} has lane ${lane} with ${lines} lines (${files.length} files, ${bytes} bytes). ${verdictOf(lacks)}\n`);
    });
}

/** `streamgauge restore`: puts a backup into a LOGS_DIR without that lane. */
export function addRestoreCommand(program: Command): void {
  program
    .command("restore <folder>")
    .description(
      "put a backup into LOGS_DIR, which must have no files of its lane; its digests are checked, and what was restored is verified",
    )
    .action(async (folder: string) => {
      const { LOGS_DIR } = readConfig(SETTINGS, process.env);
      const { manifest, lacks } = await restoreLane(folder, LOGS_DIR);
      const { lane, lines, made } = manifest;
      process.stdout.write(
        `${LOGS_DIR} has lane ${lane} with ${lines} lines, as of ${made}. ${verdictOf(lacks)} What was logged after that must be sent again.\n`,
      );
    });
}

function verdictOf(lacks: readonly string[]): string {
  return lacks.length === 0 ? "Every row adds up." : `Every row that is left adds up. NOT CHECKED: ${lacks.join(" ")}`;
}
