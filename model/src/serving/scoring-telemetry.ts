import { RefusalReport, refusedRows, type Logger, type Refusal } from "@streamgauge/core";
import { Counter, Histogram, type Registry } from "prom-client";

/** Counts what becomes of rows: for the metrics, for the log, and in this process. */
export class ScoringTelemetry {
  /** Rows since the start. */
  readonly counts = { predicted: 0, refused: 0 };
  readonly #meters: ReturnType<typeof metersOf>;
  readonly #report: RefusalReport;

  /** @param note - how the log names refused rows; undefined: as dead letters. */
  constructor(registry: Registry, log: Logger, note: string | undefined) {
    this.#meters = metersOf(registry);
    this.#report = new RefusalReport(log, note);
  }

  received(): void {
    this.#meters.frames.inc();
  }

  called(rows: number, seconds: number): void {
    this.#meters.seconds.observe(seconds);
    this.#meters.rows.observe(rows);
  }

  confirmed(rows: number): void {
    this.counts.predicted += rows;
    this.#meters.scored.inc(rows);
  }

  /** @param rows - of the message. */
  refused(refusals: readonly Refusal[], rows: number): void {
    const refused = refusedRows(refusals, rows);
    this.counts.refused += refused;
    this.#meters.refused.inc(refused);
    if (refused > 0) this.#report.add(refused, refusals, performance.now());
  }

  /** Writes what is not in the log yet. */
  close(): void {
    this.#report.close();
  }
}

function metersOf(registry: Registry) {
  const registers = [registry];
  return {
    frames: new Counter({ registers, name: "streamgauge_model_frames_total", help: "Messages with rows to score." }),
    scored: new Counter({ registers, name: "streamgauge_model_rows_total", help: "Rows whose predictions are confirmed." }),
    refused: new Counter({ registers, name: "streamgauge_model_refused_rows_total", help: "Rows that went to the dead letters." }),
    rows: new Histogram({
      registers,
      name: "streamgauge_model_batch_rows",
      help: "Rows in one call of the model.",
      buckets: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536],
    }),
    seconds: new Histogram({
      registers,
      name: "streamgauge_model_inference_seconds",
      help: "Duration of one call of the model.",
      buckets: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3],
    }),
  };
}
