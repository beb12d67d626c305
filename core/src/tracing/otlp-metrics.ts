import { ValueType, type Attributes, type HrTime } from "@opentelemetry/api";
import { AggregationTemporality, DataPointType, type MetricData } from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue, MetricValueWithName } from "prom-client";

/** A metric of Prometheus with its samples, as prom-client's `getMetricsAsJSON` has it. */
export type Family = MetricObjectWithValues<MetricValue<string>>;
type Sample = MetricValue<string> | MetricValueWithName<string>;

/** From when to when cumulative values count. */
export interface Span {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

/**
 * Metrics of Prometheus as OTLP has them, by OpenTelemetry's compatibility rules: counters are monotonic cumulative sums, buckets become counts
 * between bounds. Names stay as they are, so that a query for Prometheus finds them whichever way they came.
 */
export function otlpMetrics(families: readonly Family[], span: Span): MetricData[] {
  return families.map((family) => metricOf(family, span)).filter((metric) => metric.dataPoints.length > 0);
}

function metricOf(family: Family, span: Span): MetricData {
  const descriptor = { name: family.name, description: family.help, unit: "", valueType: ValueType.DOUBLE };
  const base = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  // The types say an enum of numbers; prom-client has texts.
  const kind: string = String(family.type);
  if (kind === "histogram") return { ...base, dataPointType: DataPointType.HISTOGRAM, dataPoints: histograms(family.values, span) };
  const dataPoints = family.values.map(({ labels, value }) => ({ ...span, attributes: attributesOf(labels), value }));
  if (kind === "counter") return { ...base, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints };
  return { ...base, dataPointType: DataPointType.GAUGE, dataPoints };
}

/** One histogram for each set of labels, from samples of its buckets, sum and count. */
function histograms(samples: readonly Sample[], span: Span) {
  const groups = new Map<
    string,
    { readonly labels: Sample["labels"]; readonly buckets: [bound: number, cumulative: number][]; sum: number; count: number }
  >();
  for (const sample of samples) {
    const { le, ...labels } = sample.labels;
    const key = JSON.stringify(labels, Object.keys(labels).toSorted());
    const group = groups.get(key) ?? { labels, buckets: [], sum: 0, count: 0 };
    groups.set(key, group);
    const name = "metricName" in sample ? (sample.metricName ?? "") : "";
    if (name.endsWith("_sum")) group.sum = sample.value;
    else if (name.endsWith("_count")) group.count = sample.value;
    else if (le !== "+Inf") group.buckets.push([Number(le), sample.value]);
  }
  return [...groups.values()].map(({ labels, buckets, sum, count }) => {
    const boundaries = buckets.map(([bound]) => bound);
    const cumulative = [...buckets.map(([, upTo]) => upTo), count];
    const counts = cumulative.map((upTo, i) => upTo - (cumulative[i - 1] ?? 0));
    return { ...span, attributes: attributesOf(labels), value: { buckets: { boundaries, counts }, sum, count } };
  });
}

function attributesOf(labels: Sample["labels"]): Attributes {
  return Object.fromEntries(Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])));
}
