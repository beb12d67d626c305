import { isLane, METRIC_CHOICES, readChoice, readTime, writeChoice, type Choice } from "./choice.js";
import { moment } from "./format.js";
import type { LiveState } from "./live-state.js";
import { modelsIn } from "./panels/series.js";

/** Why nothing can be shown of a choice, and what to do; undefined if it can. */
export function choiceProblem({ lane, from, to }: Pick<Choice, "lane" | "from" | "to">): string | undefined {
  if (!isLane(lane)) return `There is no window of lane ${lane}: a lane has a shorter name. Choose another lane.`;
  if (from === "" || to === "" || Date.parse(`${from}Z`) < Date.parse(`${to}Z`)) return undefined;
  return `The range ends at ${moment(`${to}Z`)}, and begins at ${moment(`${from}Z`)}: choose an earlier From, or a later To.`;
}

/** What of a choice has no windows, and what to do. */
export function choiceNotes(
  { lane, model }: Pick<Choice, "lane" | "model">,
  { windows, headline }: Pick<LiveState, "windows" | "headline">,
): string[] {
  const { lanes = [] } = headline ?? {};
  const knowsLanes = headline !== undefined && windows?.length === 0 && !lanes.includes(lane);
  const noModel = model !== "" && windows !== undefined && windows.length > 0 && !modelsIn(windows).includes(model);
  return [
    ...(knowsLanes && lanes.length > 0 ? [`There is no window of lane ${lane}. Lanes with windows: ${lanes.join(", ")}.`] : []),
    ...(noModel ? [`There is no window of model ${model} in this range: choose another model, or another range.`] : []),
  ];
}

/** What of a URL is not understood, so that something else is shown. @param search - the query of the URL. */
export function urlNotes(search: string): string[] {
  const written = new URLSearchParams(writeChoice(readChoice(search)));
  return [...new URLSearchParams(search)].flatMap(([name, value]) => {
    if (!PARTS.has(name)) return [`The address has ${name}=${value}, which this page does not know.`];
    const shown = written.get(name);
    if (shown === value || (value === "" && shown === null)) return [];
    return noteOf(name, value, shown);
  });
}

/** @param shown - in its place; null: nothing. */
function noteOf(name: string, value: string, shown: string | null): string[] {
  const isTime = name === "from" || name === "to";
  if (isTime && shown !== null && readTime(value) === shown) return [];
  const metric = name === "metric" ? METRIC_CHOICES.find((each) => each.name === value) : undefined;
  if (metric !== undefined) return [`Windows have no ${metric.title} of a single model version: MAE is shown.`];
  const instead = shown === null ? "it is left out" : `${name}=${shown} is shown`;
  const form = isTime ? ` A time is in UTC, such as ${name}=2026-11-28T09:00, or a date.` : "";
  return [`The address has ${name}=${value}, which means nothing here: ${instead}.${form}`];
}

const PARTS = new Set(["lane", "size", "last", "from", "to", "metric", "model"]);
