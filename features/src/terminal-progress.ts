import type { Closable, Logger } from "@streamgauge/core";
import type { Features } from "./service.js";

const LINE_MS = 10_000;
const REFRESH_MS = 250;

/** Tells how far the source is: one line that is kept up to date on a terminal, a log line now and then elsewhere. */
export function showProgress(features: Pick<Features, "progress">, rowLimit: number, log: Logger): Closable {
  const began = performance.now();
  const first = features.progress.rows;
  const line = () => {
    const { run, rows, malformed } = features.progress;
    const perSecond = (rows - first) / ((performance.now() - began) / 1000);
    const of = rowLimit === 0 ? "" : ` of ${rowLimit.toLocaleString("en")}`;
    return `Run ${run}: ${rows.toLocaleString("en")}${of} rows sent, ${perSecond.toLocaleString("en", { maximumFractionDigits: 1 })} rows/s, ${malformed} malformed lines`;
  };
  if (!process.stdout.isTTY) {
    const timer = setInterval(() => log.info(line()), LINE_MS);
    return {
      close: () => {
        clearInterval(timer);
        log.info(line());
      },
    };
  }
  const timer = setInterval(() => process.stdout.write(`\r\x1b[2K${line()}`), REFRESH_MS);
  return {
    close: () => {
      clearInterval(timer);
      process.stdout.write(`\r\x1b[2K${line()}\n`);
    },
  };
}
