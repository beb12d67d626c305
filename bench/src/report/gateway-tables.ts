import type { GatewayCaseResult } from "../gateway/run-gateway-case.js";
import { spreadOf, type Spread } from "../percentile.js";
import { count, milliseconds, range, rate } from "./figures-as-text.js";
import type { Table } from "./table.js";

/** Medians and spreads of one number of connections over the runs. */
interface LoadSpreads extends Readonly<Record<"requestsPerSecond" | "rowsPerSecond" | "p50" | "p99", Spread>> {
  readonly connections: number;
}

/** The figures of a case over its runs. */
export function gatewayFigures({ runs }: GatewayCaseResult): { readonly startMs: Spread | undefined; readonly loads: LoadSpreads[] } {
  const starts = runs.flatMap(({ startMs }) => startMs ?? []);
  const loads = (runs[0]?.loads ?? []).map(({ connections }, at): LoadSpreads => {
    const of = (figure: keyof Omit<LoadSpreads, "connections">) => spreadOf(runs.map((run) => run.loads[at]?.[figure] ?? Number.NaN));
    return { connections, requestsPerSecond: of("requestsPerSecond"), rowsPerSecond: of("rowsPerSecond"), p50: of("p50"), p99: of("p99") };
  });
  return { startMs: starts.length === 0 ? undefined : spreadOf(starts), loads };
}

/** What was measured of the gateway, as tables; those without a case are left out. */
export function gatewayTables(results: readonly GatewayCaseResult[]): Table[] {
  return [requests(results), starts(results)].filter(({ rows }) => rows.length > 0);
}

function requests(results: readonly GatewayCaseResult[]): Table {
  return {
    title: "Requests over HTTP",
    header: ["case", "connections", "requests/s", "min–max", "rows/s", "p50, ms", "min–max", "p99, ms", "min–max"],
    rows: results.flatMap((result) =>
      gatewayFigures(result).loads.map(({ connections, requestsPerSecond, rowsPerSecond, p50, p99 }) => [
        result.name,
        count(connections),
        rate(requestsPerSecond.median),
        range(requestsPerSecond, rate),
        rate(rowsPerSecond.median),
        milliseconds(p50.median),
        range(p50, milliseconds),
        milliseconds(p99.median),
        range(p99, milliseconds),
      ]),
    ),
  };
}

function starts(results: readonly GatewayCaseResult[]): Table {
  return {
    title: "From the start of the process to the first logged row",
    header: ["case", "ms", "min–max"],
    rows: results.flatMap((result) => {
      const { startMs } = gatewayFigures(result);
      return startMs === undefined ? [] : [[result.name, rate(startMs.median), range(startMs, rate)]];
    }),
  };
}
