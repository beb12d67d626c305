import type { Closable, Logger } from "@streamgauge/core";
import type { Features } from "./service.js";

const LINE_MS = 10_000;
const REFRESH_MS = 250;

/** Tells how far the source is: one line that is kept up to date on a terminal, a log line now and then elsewhere. */
export function showProgress(
  features: Pick<Features, "progress">,
  rowLimit: number,
  log: Logger,
  out: Pick<NodeJS.WriteStream, "isTTY" | "columns" | "write"> = process.stdout,
): Closable {
  const began = performance.now();
  const line = () => describeProgress(features.progress, rowLimit, (performance.now() - began) / 1000);
  if (!out.isTTY) {
    const timer = setInterval(() => log.info(line()), LINE_MS);
    return {
      close: () => {
        clearInterval(timer);
        log.info(line());
      },
    };
  }
  // A line that wraps could not be taken back. A terminal that does not know its width says 0.
  const draw = () => out.write(`\r\x1b[2K${line().slice(0, (out.columns || 80) - 1)}`);
  const timer = setInterval(draw, REFRESH_MS);
  return {
    close: () => {
      clearInterval(timer);
      draw();
      out.write("\n");
    },
  };
}

function describeProgress({ run, rows, sent, malformed }: Features["progress"], rowLimit: number, seconds: number): string {
  const of = rowLimit === 0 ? "" : ` of ${rowLimit.toLocaleString("en")}`;
  const pace = seconds > 0 ? sent / seconds : 0;
  const bad = malformed === 0 ? "" : `, ${malformed.toLocaleString("en")} malformed lines`;
  return `Run ${run}: ${rows.toLocaleString("en")}${of} rows sent, ${pace.toLocaleString("en", { maximumFractionDigits: 1 })} rows/s${bad}`;
}
