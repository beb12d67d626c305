import { existsSync } from "node:fs";
import { CHAMPION, ConfigError, readConfig, readPartitions, type LaneSetting } from "@streamgauge/core";
import { missingPart } from "@streamgauge/core/metric-log";
import {
  comparedLogs,
  comparisonPicture,
  comparisonText,
  drawComparison,
  LaneComparison,
  writePicture,
  type ComparedLanes,
} from "@streamgauge/plot";
import type { Command } from "commander";
import { laneArgument } from "./lane-argument.js";
import { SETTINGS } from "../settings.js";

/** `streamgauge compare`: is another lane better than the champion? */
export function addCompareCommand(program: Command): void {
  program
    .command("compare")
    .description("compare a lane with the champion, row by row, from their logs in LOGS_DIR; writes comparison.png beside them")
    .option("--lane <lane>", "the lane that is compared; default: the one beside the champion in LANES", laneArgument)
    .option("--unit <unit>", "the target's unit, for the picture", "")
    .option("--json", "print one JSON object")
    .action(async ({ lane: given, unit, json }: { readonly lane?: string; readonly unit: string; readonly json?: boolean }) => {
      const { LOGS_DIR, LANES } = readConfig(SETTINGS, process.env);
      const lane = given ?? laneBeside(LANES);
      for (const path of comparedLogs(LOGS_DIR, lane, readPartitions(LOGS_DIR)).flat())
        if (!existsSync(path)) throw new ConfigError([`There is no log ${path}: check LOGS_DIR and --lane, and that both lanes run.`]);
      const lanes = await compareLanes(LOGS_DIR, lane, unit, new Date());
      process.stdout.write(json === true ? `${JSON.stringify(asJson(lanes))}\n` : comparisonText(lanes));
      const picture = comparisonPicture(LOGS_DIR, lane);
      await writePicture(picture, await drawComparison(lanes));
      if (json !== true) process.stdout.write(`\nWritten: ${picture}\n`);
    });
}

/** The lane to compare if none is named. @throws ConfigError if there are several. */
export function laneBeside(LANES: readonly LaneSetting[]): string {
  const [lane = "challenger", another] = LANES.map(({ name }) => name).filter((name) => name !== CHAMPION);
  if (another !== undefined) throw new ConfigError(["LANES has several lanes beside the champion: say which with --lane."]);
  return lane;
}

/** Compares everything that two lanes have logged so far. @param time - now. */
export async function compareLanes(logsDir: string, lane: string, unit: string, time: Date): Promise<ComparedLanes> {
  const logs = comparedLogs(logsDir, lane, readPartitions(logsDir));
  const comparison = new LaneComparison(...logs, (path) => void process.stderr.write(`${missingPart(path)}\n`));
  while (!(await comparison.update()).caughtUp);
  return { ...comparison.summary(), champion: CHAMPION, challenger: lane, unit, time };
}

function asJson({ time, ...summary }: ComparedLanes) {
  return { ...summary, time: time.toISOString() };
}
