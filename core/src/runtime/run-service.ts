import { UnfinishedError } from "../bus/bus.js";
import { Deferred } from "../deferred.js";
import { ConfigError } from "./config.js";
import type { Logger } from "../logging.js";

/** Something open that must be closed. */
export interface Closable {
  close(): Promise<void> | void;
}

/** Owns what a service opens, and ends the process. */
export interface ServiceScope {
  /** Closes `thing` at the end of the process, in reverse order of opening; returns it. */
  readonly own: <T extends Closable>(thing: T) => T;
  /** Aborted when the process is to end. */
  readonly signal: AbortSignal;
  /** Ends the process: everything is closed, exit code 0. */
  readonly stop: () => void;
  /** Ends the process because it cannot go on: everything is closed, exit code 1. */
  readonly fail: (error: unknown) => void;
}

/**
 * A part of a scope that can be closed by itself, in reverse order of opening. What cannot be closed holds up no other; the first such failure is
 * thrown at the end.
 */
export function partOf(scope: ServiceScope): ServiceScope & Closable {
  const owned: Closable[] = [];
  return {
    ...scope,
    own(thing) {
      owned.push(thing);
      return thing;
    },
    close: async () => {
      const errors: unknown[] = [];
      for (const thing of owned.splice(0).reverse()) {
        try {
          await thing.close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

/** How long a service may take to finish its work in progress. */
export const SHUTDOWN_MS = 10_000;

/** Exit codes. A second signal, or a shutdown that hangs, leaves work unfinished: the broker delivers it again. */
const EXIT = { ok: 0, failed: 1, cutShort: 2 } as const;

/**
 * Runs a service as this process: starts it, waits for SIGTERM, SIGINT or its own end, and closes what it owns in
 * reverse order. Exits 0 after a clean end, 1 after a failure (one clear line says why), and 2 when the end was cut
 * short by a second signal, took longer than 10 s, or the broker did not answer the close.
 *
 * @param start - opens what the service owns and wires it; the service runs on after it returns.
 */
export async function runService(log: () => Logger, start: (scope: ServiceScope) => Promise<void>): Promise<void> {
  const over = new Deferred<unknown>();
  const ending = new AbortController();
  const owned: Closable[] = [];
  let exitCode: number = EXIT.ok;

  const end = (error?: unknown) => {
    if (error !== undefined && exitCode === EXIT.ok) {
      exitCode = EXIT.failed;
      report(error, log);
    }
    ending.abort();
    over.resolve(undefined);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (ending.signal.aborted) {
      process.stderr.write(`${signal} again: ending at once.\n`);
      process.exit(EXIT.cutShort);
    }
    log().info(`${signal}: ending when work in progress is finished.`);
    end();
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("uncaughtException", end);

  const scope: ServiceScope = {
    own(thing) {
      owned.push(thing);
      return thing;
    },
    signal: ending.signal,
    stop: () => end(),
    fail: end,
  };
  const started = start(scope).catch((error: unknown) => {
    // What a stop interrupted is no failure.
    if (!ending.signal.aborted) end(error);
  });
  await over.promise;

  const deadline = setTimeout(() => {
    process.stderr.write(`Not everything could be finished within ${SHUTDOWN_MS / 1000} s: ending anyway.\n`);
    process.exit(EXIT.cutShort);
  }, SHUTDOWN_MS);
  await started;
  for (const thing of owned.reverse()) {
    try {
      await thing.close();
    } catch (error) {
      report(error, log);
      exitCode = error instanceof UnfinishedError ? EXIT.cutShort : EXIT.failed;
    }
  }
  clearTimeout(deadline);
  process.exit(exitCode);
}

function report(error: unknown, log: () => Logger): void {
  // Mistakes of configuration come before there is a logger.
  if (error instanceof ConfigError) process.stderr.write(`${error.message}\n`);
  else if (error instanceof Error && error.name !== "Error" && !(error instanceof TypeError)) log().fatal(error.message);
  else log().fatal(error, "Ending after an unexpected error.");
}
