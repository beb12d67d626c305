import { readdirSync, readFileSync } from "node:fs";

/** What a process holds now (Linux). */
export interface ProcessUse {
  /** Memory in RAM, pages of mapped files included, in MiB. */
  readonly residentMiB: number;
  /** The part of it that is no file's: heaps, buffers and stacks. The kernel can take back the rest at any time. */
  readonly ownMiB: number;
  /** Files, sockets and pipes that are open. */
  readonly descriptors: number;
}

/** @throws if there is no such process. */
export function processUse(pid: number): ProcessUse {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return {
    residentMiB: mebibytesIn(status, "VmRSS"),
    ownMiB: mebibytesIn(status, "RssAnon"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** A size in the text of /proc/<pid>/status, also one that a program printed in quotes; NaN if it is not there. Source: proc(5). */
export function mebibytesIn(status: string, name: string): number {
  return Number(new RegExp(`${name}:\\D*(\\d+) kB`).exec(status)?.[1] ?? Number.NaN) / 1024;
}
