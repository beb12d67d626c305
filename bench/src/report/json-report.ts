import type { Spread } from "../percentile.js";
import type { Machine } from "../system/machine.js";
import type { GatewayCaseResult } from "../gateway/run-gateway-case.js";
import { gatewayFigures } from "./gateway-tables.js";
import { figureOf, mediansByProcess, shareOfCeiling, shareOfOther, type CaseResult } from "./case-result.js";

/** All that was measured as one value for JSON: medians, and the spread of each over the runs. Null: not measured in this case, or on this system. */
export function jsonReport(machine: Machine, results: readonly CaseResult[], ofGateway: readonly GatewayCaseResult[] = []) {
  return {
    machine,
    cases: results.map((result) => jsonCase(result, results)),
    ...(ofGateway.length === 0 ? {} : { gateway: ofGateway.map(jsonGatewayCase) }),
  };
}

function jsonGatewayCase(result: GatewayCaseResult) {
  const { startMs, loads } = gatewayFigures(result);
  return {
    name: result.name,
    runs: result.runs.length,
    start_ms: startMs?.median ?? null,
    loads: loads.map(({ connections, requestsPerSecond, rowsPerSecond, p50, p99 }) => ({
      connections,
      requests_per_second: requestsPerSecond.median,
      rows_per_second: rowsPerSecond.median,
      p50_ms: p50.median,
      p99_ms: p99.median,
      spread: {
        requests_per_second: [requestsPerSecond.min, requestsPerSecond.max],
        p50_ms: [p50.min, p50.max],
        p99_ms: [p99.min, p99.max],
      },
    })),
  };
}

function jsonCase(result: CaseResult, results: readonly CaseResult[]) {
  const { name, rows, pace, runs, profile } = result;
  const figures = {
    pairs_per_second: figureOf(result, "pairsPerSecond"),
    ceiling_pairs_per_second: figureOf(result, "ceilingPairsPerSecond"),
    share_of_ceiling: shareOfCeiling(result),
    p50_ms: figureOf(result, "p50"),
    p99_ms: figureOf(result, "p99"),
    p999_ms: figureOf(result, "p999"),
    late_by_ms: figureOf(result, "lateBy"),
    floor_p50_ms: figureOf(result, "floorP50"),
    floor_p99_ms: figureOf(result, "floorP99"),
  };
  const measured = Object.entries(figures);
  return {
    name,
    rows,
    rows_per_second: pace ?? null,
    runs: runs.length,
    ...Object.fromEntries(measured.map(([figure, spread]) => [figure, spread?.median ?? null])),
    spread: Object.fromEntries(
      measured.filter((entry): entry is [string, Spread] => entry[1] !== undefined).map(([figure, { min, max }]) => [figure, [min, max]]),
    ),
    cpu_seconds_per_million_rows: mediansByProcess(result, "cpuPerMillion") ?? null,
    peak_rss_mb: mediansByProcess(result, "peakRssMb") ?? null,
    rss_mb_along_the_run: runs.at(-1)?.rssAlongMb ?? null,
    ...(result.besides === undefined ? {} : { besides: result.besides, share_of_other: shareOfOther(result, results)?.median ?? null }),
    too_few_rows: runs.some(({ isShort }) => isShort),
    ...(profile === undefined ? {} : { profile }),
  };
}
