import { readFileSync } from "node:fs";
import { parseUsage, type Usage } from "./proc-files.js";

/** What a process has used; undefined if it has ended, and on systems without Linux's /proc. */
export function readUsage(pid: number): Usage | undefined {
  try {
    return parseUsage(readFileSync(`/proc/${pid}/stat`, "utf8"), readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    // Not being there any more is the answer.
    return undefined;
  }
}
