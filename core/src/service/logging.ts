import type { Writable } from "node:stream";
import { pino, type Logger } from "pino";
import pretty from "pino-pretty";

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
  const stream = pretty({
    destination,
    // Lines must be written when the process ends abruptly.
    sync: true,
    colorize: destination === process.stdout && process.stdout.isTTY,
    translateTime: "SYS:HH:MM:ss.l",
    ignore: "pid,hostname",
    singleLine: true,
  });
  return pino({ name, level, hooks: { streamWrite: withoutPasswords } }, stream);
}

/** `amqp://user:secret@host` becomes `amqp://user:***@host`, wherever it stands in the line. */
export function withoutPasswords(line: string): string {
  return line.replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]*@/gi, "$1:***@");
}
