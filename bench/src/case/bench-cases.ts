import type { FrameFormat } from "@streamgauge/core";
import type { MaterialKind } from "./material.js";
import { GATEWAY_CASES, type GatewayCase } from "./gateway-cases.js";

/** What is measured: throughput at full speed, or latency at a pace. */
export interface BenchCase {
  readonly name: string;
  /** What it shows, as a phrase. */
  readonly shows: string;
  /** Rows that are sent, warm-up included; of a latency case, seconds at its pace. */
  readonly size: { readonly rows: number } | { readonly seconds: number };
  /** Rows a second; `half` of what json-1 reached; undefined: as fast as it goes. */
  readonly pace?: number | "half";
  readonly frameRows: number;
  readonly frameFormat: FrameFormat;
  readonly material: MaterialKind;
  /** Model processes that share the work. */
  readonly models: number;
  /** Whether the memory along the run is of interest. */
  readonly longRun?: boolean;
  /** Of the lane, each with a metrics process of its own. Default: 1. */
  readonly partitions?: number;
  /** The case that its rate is compared with: both run in turns. */
  readonly besides?: BenchCase;
  /** Is run only if it is named. */
  readonly isExtra?: boolean;
}

const arrow = { frameFormat: "arrow", material: "diabetes", models: 1 } as const;
const json = { frameFormat: "json", material: "diabetes", models: 1 } as const;
const LATENCY_SECONDS = 40;

/** A model whose reference has no feature has no bins of features and no segments. Windows, tenths of ŷ, alarm and intervals cannot be left out. */
const UNMONITORED =
  "with a model whose reference has its predictions alone: without bins of features and segments, with windows, tenths and bins of ŷ, alarm and intervals";

function monitoring(frameRows: number, like: string, rows: number, traffic: typeof arrow | typeof json): BenchCase {
  const base = { size: { rows }, ...traffic, frameRows, isExtra: true };
  return {
    name: `monitoring-${frameRows}`,
    shows: `${like}, everything on: windows, alarm, bins of 10 features, segments, intervals`,
    ...base,
    besides: { name: `unmonitored-${frameRows}`, shows: `${like}, ${UNMONITORED}`, ...base, material: "bare diabetes" },
  };
}

function partitioned(partitions: number): readonly BenchCase[] {
  const processes = `${partitions} ${partitions === 1 ? "partition, a metrics process" : "partitions, a metrics process each"}`;
  const more = { partitions, isExtra: true };
  return [
    {
      name: `partitions-${partitions}`,
      shows: `arrow-2048 with ${processes}`,
      size: { rows: 4_000_000 },
      ...arrow,
      frameRows: 2_048,
      ...more,
    },
    { name: `partitions-${partitions}-single`, shows: `json-1 with ${processes}`, size: { rows: 150_000 }, ...json, frameRows: 1, ...more },
  ];
}

/** Sizes are such that each runs for 10 to 20 s on two cores, the long runs excepted. */
export const BENCH_CASES: readonly BenchCase[] = [
  { name: "json-1", shows: "one row a message", size: { rows: 150_000 }, ...json, frameRows: 1 },
  { name: "json-256", shows: "JSON frames of 256 rows", size: { rows: 5_000_000 }, ...json, frameRows: 256 },
  { name: "arrow-256", shows: "Arrow frames of 256 rows", size: { rows: 2_000_000 }, ...arrow, frameRows: 256 },
  { name: "arrow-2048", shows: "Arrow frames of 2,048 rows", size: { rows: 4_000_000 }, ...arrow, frameRows: 2_048 },
  { name: "arrow-8192", shows: "Arrow frames of 8,192 rows", size: { rows: 8_000_000 }, ...arrow, frameRows: 8_192 },
  {
    name: "latency-1000",
    shows: "1,000 rows a second, one row a message",
    size: { seconds: LATENCY_SECONDS },
    ...json,
    frameRows: 1,
    pace: 1_000,
  },
  {
    name: "latency-half",
    shows: "one row a message, at half of what json-1 reached",
    size: { seconds: LATENCY_SECONDS },
    ...json,
    frameRows: 1,
    pace: "half",
  },
  {
    name: "forest-2048",
    shows: "arrow-2048 with an ensemble of 100 trees of depth 6",
    size: { rows: 3_000_000 },
    ...arrow,
    frameRows: 2_048,
    material: "forest",
  },
  {
    name: "forest-50mb",
    shows: "arrow-2048 with a model of 50 MB: 250 trees of depth 12",
    size: { rows: 1_000_000 },
    ...arrow,
    frameRows: 2_048,
    material: "large forest",
  },
  { name: "models-2", shows: "arrow-2048 with two model processes", size: { rows: 4_000_000 }, ...arrow, frameRows: 2_048, models: 2 },
  {
    name: "features-100",
    shows: "100 features in Arrow frames of 2,048 rows",
    size: { rows: 600_000 },
    ...arrow,
    frameRows: 2_048,
    material: "wide",
  },
  {
    name: "features-1000",
    shows: "1,000 features in Arrow frames of 512 rows",
    size: { rows: 100_000 },
    ...arrow,
    frameRows: 512,
    material: "very wide",
  },
  { name: "rows-1m", shows: "a million rows as in arrow-2048", size: { rows: 1_000_000 }, ...arrow, frameRows: 2_048, longRun: true },
  { name: "rows-10m", shows: "ten million rows as in arrow-2048", size: { rows: 10_000_000 }, ...arrow, frameRows: 2_048, longRun: true },
  ...[1, 2, 4].flatMap(partitioned),
  monitoring(2_048, "arrow-2048", 4_000_000, arrow),
  monitoring(1, "json-1", 150_000, json),
];

/** The names of all cases, those of the gateway included. */
export const CASE_NAMES: readonly string[] = [...BENCH_CASES, ...GATEWAY_CASES].map(({ name }) => name);

/** A choice of cases, in the order in which they are measured. */
export interface ChosenCases {
  readonly pipeline: readonly BenchCase[];
  readonly gateway: readonly GatewayCase[];
}

/** The names of the cases that are run if none is named. */
const USUAL_NAMES: readonly string[] = CASE_NAMES.filter((name) => !BENCH_CASES.some((one) => one.name === name && one.isExtra === true));

/** The cases of these names; all usual ones if there are no names. @throws UnknownCaseError */
export function casesNamed(names: readonly string[] = USUAL_NAMES): ChosenCases {
  const gateway = names.flatMap((name) => GATEWAY_CASES.find((one) => one.name === name) ?? []);
  const ofPipeline = names.filter((name) => !gateway.some((one) => one.name === name));
  return { pipeline: ofPipeline.map(caseNamed), gateway };
}

/** A case that there is none of was asked for. */
export class UnknownCaseError extends Error {
  override readonly name = "UnknownCaseError";
  readonly unknown: string;

  constructor(unknown: string) {
    super(`There is no case ${unknown}; there are ${CASE_NAMES.join(", ")}.`);
    this.unknown = unknown;
  }
}

/** A case of the pipeline. @throws UnknownCaseError */
export function caseNamed(wanted: string): BenchCase {
  const found = BENCH_CASES.find(({ name }) => name === wanted);
  if (found === undefined) throw new UnknownCaseError(wanted);
  return found;
}
