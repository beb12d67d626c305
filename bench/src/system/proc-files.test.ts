import { expect, test } from "vitest";
import { fileSystemOf, parseUsage } from "./proc-files.js";

const STAT = "4061 (a) b (c) S 1 4061 4061 0 -1 4194560 9021 0 3 0 512 38 0 0 20 0 11 0 1234 1036688384 16844 18446744073709551615";
const STATUS = "Name:\tnode\nVmPeak:\t 1045000 kB\nVmHWM:\t   70000 kB\nVmRSS:\t   67376 kB\nThreads:\t11\n";

test("processor time and memory of a process, whatever its name", () => {
  expect(parseUsage(STAT, STATUS)).toEqual({ cpuSeconds: 5.5, rssBytes: 68_993_024, peakRssBytes: 71_680_000 });
});

test("a process that has just ended has no memory", () => {
  expect(parseUsage(STAT, "Name:\tnode\nState:\tZ (zombie)\n")).toEqual({ cpuSeconds: 5.5, rssBytes: 0, peakRssBytes: 0 });
});

const MOUNTS = `/dev/vda / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/vdb /tmp/my\\040disk xfs rw 0 0
/dev/vdc /data ext4 rw 0 0
overlay /data overlay rw 0 0
`;

test.each([
  ["/home/someone", "ext4"],
  ["/tmp", "tmpfs"],
  ["/tmpfolder", "ext4"],
  ["/tmp/my disk/logs", "xfs"],
  ["/data/logs", "overlay"],
])("the file system of %s is %s", (folder, expected) => {
  expect(fileSystemOf(MOUNTS, folder)).toBe(expected);
});

test("without mounts no file system is known", () => {
  expect(fileSystemOf("", "/tmp")).toBeUndefined();
});
