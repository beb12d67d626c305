import { spawn, type ChildProcess } from "node:child_process";

/** Ends the program when its standard input ends, which happens however the owner ends. */
const GUARD = '"$@" & pid=$!; (cat >/dev/null; kill -INT $pid 2>/dev/null) <&3 & wait $pid';

export interface GuardedOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly cwd?: string;
  /** Where its complaints go. Default: nowhere. */
  readonly stderr?: "ignore" | "inherit";
}

/** A program that ends with the process that started it, however that ends. It leads a process group. */
export function spawnGuarded(
  program: string,
  args: readonly string[],
  { stderr = "ignore", ...options }: GuardedOptions = {},
): ChildProcess {
  return spawn("/bin/sh", ["-c", GUARD, "guard", program, ...args], {
    ...options,
    stdio: ["ignore", "ignore", stderr, "pipe"],
    detached: true,
  });
}
