import { setTimeout as delay } from "node:timers/promises";
import {
  columnOf,
  FEATURES,
  featuresContract,
  Ids,
  type Bus,
  type Closable,
  type Column,
  type FrameFormat,
  type Logger,
} from "@streamgauge/core";
import { Counter, Gauge, type Registry } from "prom-client";
import { fetchRows, SourceError } from "./fetch-rows.js";
import { PartialRows, type FullRow } from "./partial-rows.js";
import type { SourceConfig } from "./sources-file.js";

export interface SourcesOptions {
  readonly bus: Bus;
  readonly log: Logger;
  readonly registry: Registry;
  readonly sources: ReadonlyMap<string, SourceConfig>;
  readonly frameRows: number;
  readonly frameFormat: FrameFormat;
}

/** Rows that are kept to be joined and compared. */
const MOST_ROWS = 100_000;

/** Fetches each source on its own schedule, and sends the rows that are complete and changed, until closed. */
export function startSources({ bus, log, registry, sources, frameRows, frameFormat }: SourcesOptions): Closable {
  const features = [...sources.values()].flatMap(({ fields }) => Object.keys(fields));
  const rows = new PartialRows(features, MOST_ROWS);
  const telemetry = createTelemetry(registry, rows);
  // Prometheus sees no increase in a series that begins at 1.
  for (const source of sources.keys()) telemetry.refused.inc({ source }, 0);
  for (const source of sources.keys()) for (const outcome of ["complete", "failed"]) telemetry.rounds.inc({ source, outcome }, 0);
  const ending = new AbortController();
  const { signal } = ending;

  const send = async (full: readonly FullRow[]) => {
    for (let from = 0; from < full.length; from += frameRows) {
      const part = full.slice(from, from + frameRows);
      const columns = new Map(features.map((name, i): [string, Column] => [name, columnOf(part.map(({ values }) => values[i] ?? null))]));
      const frame = { ids: Ids.of(part.map(({ id }) => id)), columns };
      const format = [...columns.values()].every((column) => column instanceof Float64Array) ? frameFormat : "json";
      await bus.publish(FEATURES, featuresContract.write(frame, format, Date.now()));
      telemetry.sent.inc(part.length);
    }
  };

  /** Follows one source. The next round begins on time, or when the last one has ended. */
  const follow = async (name: string, source: SourceConfig) => {
    let complaint = "";
    let passedOver = "";
    while (!signal.aborted) {
      const began = performance.now();
      try {
        const refused: string[] = [];
        for await (const page of fetchRows(source, signal)) {
          refused.push(...page.refused);
          await send(page.rows.flatMap(({ key, fields }) => rows.add(key, fields) ?? []));
        }
        telemetry.refused.inc({ source: name }, refused.length);
        const reason = refused[0] ?? "";
        if (reason !== passedOver && reason !== "")
          log.warn(`Source ${name}: ${rowsText(refused.length)} passed over, the first because ${reason}.`);
        passedOver = reason;
        telemetry.rounds.inc({ source: name, outcome: "complete" });
        if (complaint !== "") log.info(`Source ${name} answers again.`);
        complaint = "";
      } catch (error) {
        if (signal.aborted) return;
        telemetry.rounds.inc({ source: name, outcome: "failed" });
        const message = error instanceof SourceError ? error.message : String(error);
        if (message !== complaint) log.warn(`Source ${name}: ${message}. It is asked again in its next round.`);
        complaint = message;
      }
      const wait = Math.max(0, began + source.everySeconds * 1_000 - performance.now());
      await delay(wait, undefined, { signal }).catch(() => undefined);
    }
  };

  log.info(`Rows come from ${[...sources.keys()].join(", ")}: ${features.length} features (${features.join(", ").slice(0, 300)}).`);
  const following = [...sources].map(([name, source]) => follow(name, source));
  return {
    close: async () => {
      ending.abort();
      await Promise.race([Promise.all(following), delay(FINISH_MS, undefined, { ref: false })]);
    },
  };
}

function rowsText(count: number): string {
  return count === 1 ? "1 row was" : `${count} rows were`;
}

/** How long a stop waits for unconfirmed rows. They are sent again after the next start. */
const FINISH_MS = 3_000;

function createTelemetry(registry: Registry, rows: PartialRows) {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_features_source_rows",
    help: "Rows of HTTP sources that are kept, and those that wait for a field of some source.",
    labelNames: ["state"],
    collect() {
      this.set({ state: "complete" }, rows.size - rows.partial);
      this.set({ state: "partial" }, rows.partial);
      this.set({ state: "forgotten" }, rows.forgotten);
    },
  });
  return {
    sent: new Counter({ registers, name: "streamgauge_features_source_sent_total", help: "Rows of HTTP sources confirmed by the broker." }),
    refused: new Counter({
      registers,
      name: "streamgauge_features_source_rows_refused_total",
      help: "Rows of HTTP sources that were passed over, in each round that has them.",
      labelNames: ["source"],
    }),
    rounds: new Counter({
      registers,
      name: "streamgauge_features_source_rounds_total",
      help: "Rounds of fetching.",
      labelNames: ["source", "outcome"],
    }),
  };
}
