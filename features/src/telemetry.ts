import { Counter, Gauge, type Registry } from "prom-client";

/** Rows of the source in flight now. */
export interface UnderWay {
  readonly unconfirmed: () => number;
  readonly held: () => number;
}

/** The Prometheus metrics of features. */
export function createTelemetry(registry: Registry, { unconfirmed, held }: UnderWay) {
  const registers = [registry];
  new Gauge({
    registers,
    name: "streamgauge_features_unconfirmed_rows",
    help: "Rows on their way to the broker.",
    collect() {
      this.set(unconfirmed());
    },
  });
  new Gauge({
    registers,
    name: "streamgauge_features_held_labels",
    help: "Labels held back.",
    collect() {
      this.set(held());
    },
  });
  return {
    rows: new Counter({ registers, name: "streamgauge_features_rows_total", help: "Rows confirmed by the broker." }),
    labels: new Counter({ registers, name: "streamgauge_features_labels_total", help: "Labels confirmed by the broker." }),
    malformed: new Counter({
      registers,
      name: "streamgauge_features_malformed_lines_total",
      help: "Lines of the dataset that could not be sent.",
    }),
  };
}
