import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SteadyWindow } from "../pipeline/steady-window.js";
import { stackTimes, topSelfTimes, type CpuProfile, type SelfTime } from "./cpu-profile.js";
import { timeByStage, type Stage } from "./stages.js";

/** Where the time of a case went. */
export interface CaseProfile {
  /** µs a row by service, then by stage. */
  readonly us_per_row: Readonly<Record<string, Partial<Record<Stage, number>>>>;
  /** By service. */
  readonly top_functions: Readonly<Record<string, readonly SelfTime[]>>;
}

const TOP = 12;

/** Reads V8's profiles of the services, cut to what was measured. Of several processes and threads of a service the times are added. */
export function readCaseProfile(folder: string, { from, to }: SteadyWindow): CaseProfile {
  const perRow: Record<string, Partial<Record<Stage, number>>> = {};
  const top: Record<string, readonly SelfTime[]> = {};
  for (const service of readdirSync(folder)) {
    const times = readdirSync(join(folder, service)).flatMap((file) =>
      stackTimes(readProfile(join(folder, service, file)), from.at, to.at),
    );
    const rows = to.rows - from.rows;
    perRow[service] = Object.fromEntries([...timeByStage(times)].map(([stage, ms]) => [stage, (ms * 1000) / rows]));
    top[service] = topSelfTimes(times, TOP);
  }
  return { us_per_row: perRow, top_functions: top };
}

function readProfile(path: string): CpuProfile {
  const profile: CpuProfile = JSON.parse(readFileSync(path, "utf8"));
  return profile;
}
