import { ALONG } from "../pipeline/measure-throughput.js";
import { profileTables } from "../profile/profile-tables.js";
import { figureOf, mediansByProcess, shareOfCeiling, shareOfOther, type CaseResult } from "./case-result.js";
import { count, milliseconds, NONE, percent, range, rate } from "./figures-as-text.js";
import type { Table } from "./table.js";

/** The processes of a run, in the order of a row's way. */
const PROCESSES = ["source", "features", "model", "metrics", "plot", "broker"];

/** All that was measured, as tables; those without a case are left out. */
export function tablesOf(results: readonly CaseResult[]): Table[] {
  const tables = [
    throughput(results),
    comparisons(results),
    latency(results),
    processorTime(results),
    memory(results),
    memoryAlong(results),
  ];
  return [...tables.filter(({ rows }) => rows.length > 0), ...results.flatMap(profileTables)];
}

function throughput(results: readonly CaseResult[]): Table {
  const measured = results.filter((result) => figureOf(result, "pairsPerSecond") !== undefined);
  const short = measured.filter(({ runs }) => runs.some(({ isShort }) => isShort)).map(({ name }) => name);
  return {
    title: "Throughput",
    header: ["case", "rows", "pairs/s", "min–max", "ceiling, pairs/s", "share of the ceiling"],
    rows: measured.map((result) => {
      const pairs = figureOf(result, "pairsPerSecond");
      return [
        result.name,
        count(result.rows),
        rate(pairs?.median),
        range(pairs, rate),
        rate(figureOf(result, "ceilingPairsPerSecond")?.median),
        percent(shareOfCeiling(result)?.median),
      ];
    }),
    notes:
      short.length === 0
        ? []
        : [`Too few rows for a steady part; counted from the start of the source on, and so too low: ${short.join(", ")}.`],
  };
}

/** Cases that ran in turns with another one. */
function comparisons(results: readonly CaseResult[]): Table {
  const compared = results.filter(({ besides }) => besides !== undefined);
  const shown = results.filter(({ name }) => compared.some((one) => one.name === name || one.besides === name));
  return {
    title: "Compared, in turns",
    header: ["case", "beside", "share of its pairs/s", "min–max"],
    rows: compared.map((result) => {
      const share = shareOfOther(result, results);
      return [result.name, result.besides ?? NONE, percent(share?.median), range(share, percent)];
    }),
    notes: shown.map(({ name, shows }) => `${name}: ${shows}.`),
  };
}

function latency(results: readonly CaseResult[]): Table {
  return {
    title: "Latency from the source to the synced log",
    header: ["case", "rows/s", "p50, ms", "p99, ms", "min–max", "p99.9, ms", "min–max", "late by, ms", "floor p50, ms", "floor p99, ms"],
    rows: results
      .filter((result) => figureOf(result, "p50") !== undefined)
      .map((result) => {
        const [p50, p99, p999, late, floorP50, floorP99] = (["p50", "p99", "p999", "lateBy", "floorP50", "floorP99"] as const).map(
          (figure) => figureOf(result, figure),
        );
        return [
          result.name,
          rate(result.pace),
          milliseconds(p50?.median),
          milliseconds(p99?.median),
          range(p99, milliseconds),
          milliseconds(p999?.median),
          range(p999, milliseconds),
          milliseconds(late?.median),
          milliseconds(floorP50?.median),
          milliseconds(floorP99?.median),
        ];
      }),
  };
}

function processorTime(results: readonly CaseResult[]): Table {
  return byProcess("Processor seconds for a million rows", "cpuPerMillion", results, (seconds) => seconds.toFixed(2));
}

function memory(results: readonly CaseResult[]): Table {
  return byProcess("Peak memory, MB (10⁶ bytes)", "peakRssMb", results, (megabytes) => megabytes.toFixed(0));
}

function byProcess(
  title: string,
  figure: "cpuPerMillion" | "peakRssMb",
  results: readonly CaseResult[],
  format: (value: number) => string,
): Table {
  const measured = results.map((result) => ({ name: result.name, medians: mediansByProcess(result, figure) }));
  const names = PROCESSES.filter((process) => measured.some(({ medians }) => medians?.[process] !== undefined));
  const cell = (value: number | undefined) => (value === undefined ? NONE : format(value));
  return {
    title,
    header: ["case", ...names],
    rows: measured
      .filter(({ medians }) => medians !== undefined)
      .map(({ name, medians }) => [name, ...names.map((process) => cell(medians?.[process]))]),
  };
}

/** Of long runs: whether the memory stays where it is. The last run of each. */
function memoryAlong(results: readonly CaseResult[]): Table {
  return {
    title: "Memory along the run, MB (10⁶ bytes)",
    header: ["case and process", ...ALONG.map((share) => `at ${share * 100} %`)],
    rows: results
      .filter(({ longRun }) => longRun)
      .flatMap(({ name, runs }) => {
        const along = runs.at(-1)?.rssAlongMb ?? {};
        return PROCESSES.filter((process) => along[process] !== undefined).map((process) => [
          `${name} ${process}`,
          ...(along[process] ?? []).map((megabytes) => megabytes.toFixed(0)),
        ]);
      }),
  };
}
