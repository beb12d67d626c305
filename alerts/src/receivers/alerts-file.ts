import { closeSync, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { syncFolder } from "@streamgauge/core";
import { alertsOf, type Receiver } from "./receiver.js";

/** Appends each alert as a line of JSON and syncs the file, which is created if missing and may be moved away at any time. */
export function alertsFile(path: string): Receiver {
  return {
    id: "file",
    name: "file",
    isLimited: false,
    path,
    deliver: async (notification) =>
      appendLines(
        path,
        alertsOf(notification).map((alert) => JSON.stringify(alert)),
      ),
  };
}

function appendLines(path: string, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const isNew = !existsSync(path);
  const fd = openSync(path, "a+");
  try {
    const text = `${endsInLine(fd) ? "" : "\n"}${lines.join("\n")}\n`;
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  if (isNew) syncFolder(dirname(path));
}

/** Whether the last line is whole: a write that failed half-way leaves a part of one. */
function endsInLine(fd: number): boolean {
  const { size } = fstatSync(fd);
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last.toString("latin1") === "\n";
}
