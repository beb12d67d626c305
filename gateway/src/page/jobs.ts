import { at, element, setText } from "./dom.js";
import { printable } from "./printable.js";
import { count, counted, figure } from "./format.js";
import { ask, type Job, type JobDetails, type Statistic, type Upload } from "./jobs-client.js";
import { binText, drawnBars, type Bar } from "./panels/bars.js";
import { Drawing } from "./panels/drawing.js";

const PAUSE_MS = 1_000;
/** The listed jobs by id, their table rows, and the job whose details are shown. */
const shown = new Map<string, Job>();
const rows = new Map<string, HTMLTableRowElement>();
let selected = new URLSearchParams(location.hash.slice(1)).get("job");
/** Start of the page after the last loaded one; null before the first load. */
let older: string | null | undefined = null;
/** Whether the message says that the gateway does not answer. */
let isAway = false;
/** The metrics of a job, once loaded. */
let statistics: readonly Statistic[] | undefined;
const key = at("key", HTMLInputElement);
const message = at("message", HTMLElement);
const table = at("jobs", HTMLTableSectionElement);
const chosen = at("file", HTMLInputElement);
const histogram = new Drawing(at("histogram", HTMLElement));

key.value = sessionStorage.getItem("key") ?? "";
key.addEventListener("change", () => sessionStorage.setItem("key", key.value));
at("create", HTMLFormElement).addEventListener("submit", (event) => void create(event));
at("more", HTMLButtonElement).addEventListener("click", () => void attempt(() => load(older ?? undefined)));

void refresh();

/** Polls for changes while the page is open. */
async function refresh(): Promise<void> {
  try {
    await load();
    if (selected !== null) await showDetails(selected);
    if (isAway) say("");
    isAway = false;
  } catch (error) {
    say(error instanceof TypeError ? "The gateway does not answer." : textOf(error), true);
    isAway = true;
  }
  setTimeout(() => void refresh(), PAUSE_MS);
}

async function load(cursor?: string): Promise<void> {
  const path = `/jobs?limit=20${cursor === undefined ? "" : `&cursor=${cursor}`}`;
  const { items, next } = await ask<{ items: readonly Job[]; next?: string }>(path, key.value);
  if (cursor !== undefined || older === null) older = next;
  at("more", HTMLButtonElement).hidden = older === undefined;
  // A recent job that the first page lacks was removed elsewhere.
  const since = next === undefined ? "" : (items.at(-1)?.createdAt ?? "");
  if (cursor === undefined) for (const { id, createdAt } of shown.values()) if (createdAt > since) shown.delete(id);
  for (const job of items) shown.set(job.id, job);
  showTable([...shown.values()].toSorted((one, other) => other.createdAt.localeCompare(one.createdAt)));
  at("none", HTMLElement).hidden = shown.size > 0;
}

/** Keeps existing rows in place, so that focus and clicks are not lost. */
function showTable(jobs: readonly Job[]): void {
  for (const [id, row] of rows) {
    if (shown.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  for (const [i, job] of jobs.entries()) {
    const row = rows.get(job.id) ?? newRow(job.id);
    rows.set(job.id, row);
    fill(row, job);
    if (table.children[i] !== row) table.insertBefore(row, table.children[i] ?? null);
  }
}

function newRow(id: string): HTMLTableRowElement {
  const row = element("tr", {}, [
    cell([element("button", { type: "button", onclick: () => select(id) })]),
    cell([]),
    cell([element("progress", { max: 1 })]),
    ...Array.from({ length: 3 }, () => cell([], "number")),
    cell([]),
  ]);
  row.dataset["job"] = id;
  return row;
}

function fill(row: HTMLTableRowElement, job: Job): void {
  const percent = `${Math.round(job.progress * 100)} %`;
  const name = row.querySelector("button");
  const progress = row.querySelector("progress");
  const actions = row.cells[6];
  if (name === null || progress === null || actions === undefined) return;
  setText(name, job.name || job.id);
  Object.assign(progress, { value: job.progress, title: percent, ariaLabel: printable(`${job.name || job.id}: ${percent}`) });
  const texts = [job.status, undefined, count(job.rows), count(job.failed), job.seconds?.toFixed(1) ?? ""];
  for (const [i, text] of texts.entries()) if (text !== undefined) row.cells[i + 1]?.replaceChildren(text);
  if (row.dataset["status"] === job.status) return;
  row.dataset["status"] = job.status;
  // Focus does not move to the next action: a key pressed twice must not undo the first.
  if (actions.contains(document.activeElement)) name.focus();
  actions.replaceChildren(...actionsOf(job));
}

function actionsOf({ id, status }: Job): HTMLButtonElement[] {
  if (status === "created") return [action("Run", "POST", `/jobs/${id}/run`), action("Cancel", "DELETE", `/jobs/${id}`)];
  if (status === "running") return [action("Cancel", "DELETE", `/jobs/${id}`)];
  return [action("Remove", "DELETE", `/jobs/${id}`, () => shown.delete(id))];
}

function action(textContent: string, method: string, path: string, done: () => void = () => undefined): HTMLButtonElement {
  const onclick = () =>
    attempt(async () => {
      await ask(path, key.value, { method });
      done();
      await load();
    });
  return element("button", { type: "button", textContent, onclick });
}

async function create(event: SubmitEvent): Promise<void> {
  event.preventDefault();
  await attempt(async () => {
    const file = chosen.files?.[0];
    if (file === undefined) return;
    const query = new URLSearchParams({ name: at("name", HTMLInputElement).value || file.name });
    const target = at("target", HTMLInputElement).value;
    if (target !== "") query.set("target", target);
    const type = file.name.toLowerCase().endsWith(".csv") ? "text/csv" : "application/x-ndjson";
    say(`Uploading ${file.name} …`);
    showWarnings([]);
    const job = await ask<Upload>(`/jobs?${query}`, key.value, { method: "POST", body: file, headers: { "content-type": type } });
    say(uploadText(job));
    showWarnings(job.warnings);
    await load();
    select(job.id);
  });
}

function uploadText({ rows: all, refused, refusals: [first] }: Upload): string {
  const refusal = first === undefined ? "" : `; ${count(refused)} refused, the first: row ${first.row}: ${first.reason}`;
  return `${count(all)} ${all === 1 ? "row" : "rows"}${refusal}.`;
}

/** What to know of an upload before it is run. */
function showWarnings(warnings: readonly string[]): void {
  const list = at("warnings", HTMLElement);
  list.hidden = warnings.length === 0;
  list.replaceChildren(...warnings.map((textContent) => element("li", { textContent })));
}

function select(id: string): void {
  selected = id;
  location.hash = String(new URLSearchParams({ job: id }));
  void attempt(() => showDetails(id));
}

async function showDetails(id: string): Promise<void> {
  const answer = await fetch(`/jobs/${encodeURIComponent(id)}`);
  at("details", HTMLElement).hidden = !answer.ok;
  if (answer.status === 404) selected = null;
  if (!answer.ok) return;
  const job: JobDetails = await answer.json();
  statistics ??= await ask<readonly Statistic[]>("/statistics", key.value);
  setText(at("details-title", HTMLElement), job.name || id);
  showFigures(job, statistics);
  showHistogram(job.statistics);
  for (const format of ["csv", "ndjson", "arrow"])
    at(format, HTMLAnchorElement).href = `/jobs/${encodeURIComponent(id)}/results?format=${format}`;
}

function showFigures({ status, done, failed, reason, statistics: of }: JobDetails, metrics: readonly Statistic[]): void {
  const valueOf = (name: string) => (of.overflowed?.includes(name) === true ? "overflow: beyond 1.8e308" : figure(of[name]));
  const figures = [
    ["status", status],
    ["predicted", count(done)],
    ["failed", count(failed)],
    ["with a label", count(of.count)],
    ...metrics.map(({ name, title }) => [title, valueOf(name)]),
    ...(reason === undefined ? [] : [["reason", reason]]),
  ];
  at("figures", HTMLElement).replaceChildren(
    ...figures.map(([term = "", value = ""]) =>
      element("div", { className: term === "reason" ? "whole" : "" }, [
        element("dt", { textContent: term }),
        element("dd", { textContent: value }),
      ]),
    ),
  );
}

function showHistogram({ bins, count: pairs }: JobDetails["statistics"]): void {
  const bars = bins.map((bin): Bar => ({ ...bin, value: bin.count, title: `${binText(bin)}: ${counted(bin.count, "row")}` }));
  histogram.show(drawnBars(pairs === 0 ? [] : bars, { label: "Histogram of absolute errors", axis: "absolute error", textOf: count }));
}

async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    say(textOf(error), true);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function say(text: string, isProblem = false): void {
  setText(message, text);
  message.className = isProblem ? "problem" : "";
}

function cell(children: readonly Node[], className = ""): HTMLTableCellElement {
  return element("td", { className }, children);
}
