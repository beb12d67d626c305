/** What a process has used so far. */
export interface Usage {
  /** Of all its threads, user and system. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** The most that `rssBytes` ever was. */
  readonly peakRssBytes: number;
}

/** USER_HZ, the unit of times in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * Source: proc(5).
 *
 * @param stat - /proc/<pid>/stat: utime and stime are its 14th and 15th fields. The name in the second may hold anything, also `) `.
 * @param status - /proc/<pid>/status: VmRSS and VmHWM in kB of 1,024 bytes; a process that has just ended has neither.
 */
export function parseUsage(stat: string, status: string): Usage {
  const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(afterName[11]) + Number(afterName[12]);
  return { cpuSeconds: ticks / TICKS_PER_SECOND, rssBytes: sizeIn(status, "VmRSS"), peakRssBytes: sizeIn(status, "VmHWM") };
}

function sizeIn(status: string, name: string): number {
  const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/**
 * The file system of a folder.
 *
 * @param mounts - /proc/mounts: device, mount point (spaces as \040), type. Of several on one point the last one counts.
 * @param folder - absolute, without links.
 */
export function fileSystemOf(mounts: string, folder: string): string | undefined {
  const within = `${folder}/`;
  const found = mounts
    .split("\n")
    .map((line) => line.split(" "))
    .map(([, point = "", type = ""]) => ({ point: point.replaceAll("\\040", " "), type }))
    .filter(({ point }) => point !== "" && within.startsWith(point.endsWith("/") ? point : `${point}/`));
  const deepest = Math.max(...found.map(({ point }) => point.length));
  return found.findLast(({ point }) => point.length === deepest)?.type;
}
