import { Writable } from "node:stream";
import { createLogger, type Logger, type LogLevel } from "@streamgauge/core";

/** A logger whose lines are kept instead of shown. */
export interface CapturedLog {
  readonly log: Logger;
  /** What was logged so far, one string a line, as a user would see it. */
  readonly lines: readonly string[];
}

/** @param level - what is kept. Default: all that a user would see, and more. */
export function captureLog(name = "test", level: LogLevel = "debug"): CapturedLog {
  const lines: string[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk).trimEnd());
      done();
    },
  });
  return { log: createLogger(name, level, destination), lines };
}
