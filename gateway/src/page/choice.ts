import type { WindowSize } from "@streamgauge/core/windows";

/** What the page shows, as its URL says. */
export interface Choice {
  readonly lane: string;
  readonly size: WindowSize;
  /** How many windows up to the latest; undefined: from `from` to `to`. */
  readonly last: number | undefined;
  /** As in `<input type="datetime-local">`, in UTC: "2026-11-28T09:00", with seconds unless they are zero; empty: no bound. */
  readonly from: string;
  readonly to: string;
  readonly metric: MetricChoice;
  /** A model version; empty: all. */
  readonly model: string;
}

/** Figures of a window that can be shown over time. */
export const METRIC_CHOICES = [
  { name: "mae", title: "MAE", says: "mean absolute error" },
  { name: "rmse", title: "RMSE", says: "root mean squared error" },
  { name: "bias", title: "Bias", says: "mean of prediction − truth" },
  { name: "p95", title: "p95", says: "95 of 100 absolute errors are smaller" },
] as const;

export type MetricChoice = (typeof METRIC_CHOICES)[number]["name"];

/** Figures that windows have for each model version. */
export const METRICS_OF_MODELS = ["mae", "rmse", "bias"] as const satisfies readonly MetricChoice[];

/** Whether windows have a figure of each model version. */
export function isOfModels(metric: MetricChoice): boolean {
  return METRICS_OF_MODELS.some((name) => name === metric);
}

/** The figure that is shown: MAE if model versions have no such figure. @param model - a version; empty: all. */
export function metricShown(metric: MetricChoice, model: string): MetricChoice {
  return model === "" || isOfModels(metric) ? metric : "mae";
}

/** Ranges by size of the windows, the first of each by default. */
export const RANGES: Readonly<Record<WindowSize, readonly (readonly [last: number, title: string])[]>> = {
  "1m": [
    [60, "1 hour"],
    [180, "3 hours"],
    [720, "12 hours"],
    [1_440, "24 hours"],
  ],
  "1h": [
    [72, "3 days"],
    [24, "1 day"],
    [168, "7 days"],
    [720, "30 days"],
    [2_160, "90 days"],
  ],
  "1d": [
    [90, "90 days"],
    [30, "30 days"],
    [365, "1 year"],
    [1_825, "5 years"],
  ],
};

/** A date, or a time to the minute or finer; without an offset it is in UTC. */
const TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?<offset>Z|[+-]\d\d:\d\d)?)?$/;
/** As long as the gateway takes it. */
const LONGEST_LANE = 128;

/** Whether a lane can have this name. */
export function isLane(name: string): boolean {
  return name.length <= LONGEST_LANE;
}

/** The choice in the query of a URL; what is missing or wrong is the default. */
export function readChoice(search: string): Choice {
  const query = new URLSearchParams(search);
  const size = sizeOf(query.get("size"));
  const [from, to] = [readTime(query.get("from")), readTime(query.get("to"))];
  const last = Number(query.get("last"));
  const model = query.get("model") ?? "";
  const hasTimes = from !== "" || to !== "";
  return {
    lane: query.get("lane") || "champion",
    size,
    last: hasTimes ? undefined : Number.isInteger(last) && last >= 1 && last <= 5_000 ? last : lastOf(size),
    from,
    to,
    metric: metricShown(METRIC_CHOICES.find(({ name }) => name === query.get("metric"))?.name ?? "mae", model),
    model,
  };
}

/** The default range of a size. */
export function lastOf(size: WindowSize): number {
  return RANGES[size][0]?.[0] ?? 60;
}

function sizeOf(text: string | null): WindowSize {
  return text === "1h" || text === "1d" ? text : "1m";
}

/** A time of a URL as the page writes it, without seconds if they are zero; empty if it is none. It has the forms that `GET /windows` takes. */
export function readTime(text: string | null): string {
  const time = new Date(timeOf(text ?? ""));
  const written = Number.isNaN(time.getTime()) ? "" : time.toISOString();
  // A year of more than four digits has a sign.
  return /^\d/.test(written) ? written.replace(/(?:(?::00)?\.000)?Z$/, "") : "";
}

/** ms since 1970; NaN if it is no time. */
function timeOf(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  const found = TIME.exec(text);
  if (found === null) return NaN;
  const [day, time] = text.split(/[T ]/);
  if (time === undefined) return Date.parse(text);
  return Date.parse(`${day}T${time}${found.groups?.["offset"] === undefined ? "Z" : ""}`);
}

/** The query of the page's URL that means this choice. */
export function writeChoice(choice: Choice): string {
  const { metric, model } = choice;
  return `?${new URLSearchParams({ ...windowQuery(choice, (time) => time), metric, ...(model === "" ? {} : { model }) })}`;
}

/** The address of the events of this choice. */
export function eventsPath(choice: Choice): string {
  return `/events?${new URLSearchParams(windowQuery(choice, (time) => `${time}Z`))}`;
}

function windowQuery({ lane, size, last, from, to }: Choice, written: (time: string) => string): Record<string, string> {
  if (last !== undefined) return { lane, size, last: String(last) };
  return { lane, size, ...(from === "" ? {} : { from: written(from) }), ...(to === "" ? {} : { to: written(to) }) };
}

/** The address of the windows that are shown, as JSON. @param from - of the latest event, in ms since 1970; null: no bound. */
export function windowsPath({ lane, size, to }: Choice, from: number | null, path = "/windows"): string {
  const query = { lane, size, ...(from === null ? {} : { from: new Date(from).toISOString() }), ...(to === "" ? {} : { to: `${to}Z` }) };
  return `${path}?${new URLSearchParams(query)}`;
}
