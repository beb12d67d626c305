import { errorText } from "../error-text.js";
import type { Logger } from "../logging.js";
import { sentence } from "../sentence.js";

/** The answer of an export: 0 for success. */
interface Result {
  readonly code: number;
  readonly error?: Error;
}

/** What sends spans or metrics to a collector. */
interface Exporter<T> {
  export(items: T, done: (result: Result) => void): void;
}

/** Whether exports fail now. */
export interface ExportState {
  readonly isFailing: boolean;
}

/**
 * Has the log say once that a collector cannot be reached, and once that it can again.
 *
 * @param what - `traces` or `metrics`. @param failing - the exporters that fail now, of all that share what is said.
 */
export function sayFailures<T>(exporter: Exporter<T>, what: string, log: Logger, failing: Set<unknown> = new Set()): ExportState {
  const send = exporter.export.bind(exporter);
  exporter.export = (items, done) =>
    send(items, (result) => {
      const failed = result.code !== 0;
      const before = failing.size;
      if (failed) failing.add(exporter);
      else failing.delete(exporter);
      if (before === 0 && failing.size > 0)
        log.warn(
          `The ${what} cannot be sent to the OpenTelemetry collector (OTEL_EXPORTER_OTLP_ENDPOINT): ${sentence(errorText(result.error ?? "it does not answer"))} ` +
            "Rows go on; what cannot be sent is dropped.",
        );
      if (before > 0 && failing.size === 0) log.info(`The OpenTelemetry collector takes ${what} again.`);
      done(result);
    });
  return {
    get isFailing() {
      return failing.has(exporter);
    },
  };
}
