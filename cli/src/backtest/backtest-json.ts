import { raisedJson } from "../alarms/alarms-text.js";
import type { Backtested } from "./backtest.js";
import type { ReadHistory } from "./history.js";

/** What a backtest found, as JSON; alarms are as `streamgauge alarms --json` prints them. */
export function backtestJson(
  { model, summary, alarms, drift, segments, fired }: Backtested,
  { refused, reasons }: ReadHistory,
  compared: object | undefined,
) {
  return {
    model,
    refused,
    reasons,
    summary: summary ?? null,
    alarms: alarms.map(raisedJson),
    drift,
    segments,
    broken: fired,
    ...(compared === undefined ? {} : { comparison: compared }),
  };
}
