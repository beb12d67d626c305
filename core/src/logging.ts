import type { Writable } from "node:stream";
import { pino, type Logger } from "pino";
import { prettyFactory } from "pino-pretty";

export type { Logger };

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * A logger that writes lines for people: time, level, service, message. A URL's password never gets into a line.
 *
 * @param name - the service.
 * @param destination - default: standard output.
 */
export function createLogger(name: string, level: LogLevel, destination: Writable = process.stdout): Logger {
  const inWords = prettyFactory({
    colorize: destination === process.stdout && process.stdout.isTTY,
    translateTime: "SYS:HH:MM:ss.l",
    ignore: "pid,hostname",
    singleLine: true,
  });
  // Written at once, so that lines are there when the process ends abruptly. A stream of pino-pretty would leave listeners on the destination
  // for each logger.
  return pino(
    { name, level, hooks: { streamWrite: withoutPasswords } },
    { write: (line: string) => void destination.write(inWords(line)) },
  );
}

/** `amqp://user:secret@host` becomes `amqp://user:***@host`, wherever it stands in the line. */
export function withoutPasswords(line: string): string {
  return line.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]*@/gi, "$1:***@");
}
