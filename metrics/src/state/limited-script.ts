import { spawnSync } from "node:child_process";

export interface ScriptLimits {
  /** Processor time that the script may use, in ms. */
  readonly processorMs: number;
  /** Time that may pass, in ms. */
  readonly ms: number;
}

/** How a script ended. */
export interface EndedScript {
  /** `endless`: it used all its processor time. `stalled`: its time passed while it waited, for instance for a disk. */
  readonly end: "finished" | "endless" | "stalled";
  /** What ended its process; null if it ended by itself. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
}

const ENDLESS = "endless";

/** Ends the process once it has used its processor time. It runs in a thread of its own: native code in an endless loop leaves no turn to others. */
const WATCH = `
  const { workerData: limit } = require("node:worker_threads");
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    if ((user + system) / 1_000 < limit) return;
    require("node:fs").writeSync(1, "${ENDLESS}");
    process.kill(process.pid, "SIGKILL");
  }, Math.min(1_000, limit / 4));
`;

/** Runs a script of CommonJS in another process, and waits for it. @param args - `process.argv` from 1 on. */
export function runLimited(script: string, args: readonly string[], { processorMs, ms }: ScriptLimits): EndedScript {
  const watched = `new (require("node:worker_threads").Worker)(${JSON.stringify(WATCH)}, { eval: true, workerData: ${processorMs} }).unref();\n${script}`;
  const { error, signal, stdout } = spawnSync(process.execPath, ["--eval", watched, ...args], {
    timeout: ms,
    killSignal: "SIGKILL",
    encoding: "utf8",
  });
  return { end: stdout === ENDLESS ? "endless" : isTimeout(error) ? "stalled" : "finished", signal, stdout };
}

function isTimeout(error: Error | undefined): boolean {
  return error !== undefined && "code" in error && error.code === "ETIMEDOUT";
}
