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

/** Has the log say once that a collector cannot be reached, and once that it can again. @param what - `traces` or `metrics`. */
export function sayFailures<T>(exporter: Exporter<T>, what: string, log: Logger): ExportState {
  const send = exporter.export.bind(exporter);
  const state = { isFailing: false };
  exporter.export = (items, done) =>
    send(items, (result) => {
      const failed = result.code !== 0;
      if (failed && !state.isFailing)
        log.warn(
          `The ${what} cannot be sent to the OpenTelemetry collector (OTEL_EXPORTER_OTLP_ENDPOINT): ${sentence(errorText(result.error ?? "it does not answer"))} ` +
            "Rows go on; what cannot be sent is dropped.",
        );
      if (!failed && state.isFailing) log.info(`The OpenTelemetry collector takes ${what} again.`);
      state.isFailing = failed;
      done(result);
    });
  return state;
}
