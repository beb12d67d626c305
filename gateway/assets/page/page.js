// The page of jobs: plain DOM, no build. Texts from the server are only ever set as text, never as markup.
import { histogram } from "./histogram.js";

const PAUSE_MS = 1_000;
const $ = (id) => document.getElementById(id);
/** The listed jobs by id, their table rows, and the job whose details are shown. */
const shown = new Map();
const rows = new Map();
let selected = new URLSearchParams(location.hash.slice(1)).get("job");
/** Start of the page after the last loaded one; null before the first load. */
let older = null;
/** Whether the message says that the gateway does not answer. */
let isAway = false;
/** The metrics of a job, once loaded. */
let metrics;
/** The current histogram. */
let drawn = "";

$("key").value = sessionStorage.getItem("key") ?? "";
$("key").addEventListener("change", () => sessionStorage.setItem("key", $("key").value));
$("create").addEventListener("submit", (event) => void create(event));
$("more").addEventListener("click", () => void attempt(() => load(older)));

void refresh();

/** Polls for changes while the page is open. */
async function refresh() {
  try {
    await load();
    if (selected !== null) await showDetails(selected);
    if (isAway) say("");
    isAway = false;
  } catch (error) {
    say(error instanceof TypeError ? "The gateway does not answer." : error.message, true);
    isAway = true;
  }
  setTimeout(() => void refresh(), PAUSE_MS);
}

async function load(cursor) {
  const { items, next } = await ask(`/jobs?limit=20${cursor === undefined ? "" : `&cursor=${cursor}`}`);
  if (cursor !== undefined || older === null) older = next;
  $("more").hidden = older === undefined;
  // A recent job that the first page lacks was removed elsewhere.
  const since = next === undefined ? "" : items.at(-1).createdAt;
  if (cursor === undefined) for (const { id, createdAt } of shown.values()) if (createdAt > since) shown.delete(id);
  for (const job of items) shown.set(job.id, job);
  showTable([...shown.values()].sort((one, other) => other.createdAt.localeCompare(one.createdAt)));
  $("none").hidden = shown.size > 0;
}

/** Keeps existing rows in place, so that focus and clicks are not lost. */
function showTable(jobs) {
  for (const [id, row] of rows) {
    if (shown.has(id)) continue;
    row.remove();
    rows.delete(id);
  }
  const table = $("jobs");
  for (const [i, job] of jobs.entries()) {
    const row = rows.get(job.id) ?? newRow(job.id);
    rows.set(job.id, row);
    fill(row, job);
    if (table.children[i] !== row) table.insertBefore(row, table.children[i] ?? null);
  }
}

function newRow(id) {
  const name = element("button", { type: "button", onclick: () => select(id) });
  const numbers = Array.from({ length: 3 }, () => cell([], "number"));
  const row = element("tr", {}, [cell([name]), cell([]), cell([element("progress", { max: 1 })]), ...numbers, cell([])]);
  row.dataset.job = id;
  return row;
}

function fill(row, job) {
  const [name, status, progress, all, failed, seconds, actions] = row.cells;
  const percent = `${Math.round(job.progress * 100)} %`;
  name.firstChild.textContent = job.name || job.id;
  status.textContent = job.status;
  Object.assign(progress.firstChild, { value: job.progress, title: percent, ariaLabel: percent });
  all.textContent = count(job.rows);
  failed.textContent = count(job.failed);
  seconds.textContent = job.seconds === undefined ? "" : job.seconds.toFixed(1);
  if (row.dataset.status === job.status) return;
  row.dataset.status = job.status;
  // Focus does not move to the next action: a key pressed twice must not undo the first.
  if (actions.contains(document.activeElement)) name.firstChild.focus();
  actions.replaceChildren(...actionsOf(job));
}

function actionsOf({ id, status }) {
  if (status === "created") return [action("Run", "POST", `/jobs/${id}/run`), action("Cancel", "DELETE", `/jobs/${id}`)];
  if (status === "running") return [action("Cancel", "DELETE", `/jobs/${id}`)];
  return [action("Remove", "DELETE", `/jobs/${id}`, () => shown.delete(id))];
}

function action(text, method, path, done = () => undefined) {
  const onclick = () =>
    attempt(async () => {
      await ask(path, { method });
      done();
      await load();
    });
  return element("button", { type: "button", textContent: text, onclick });
}

async function create(event) {
  event.preventDefault();
  await attempt(async () => {
    const [file] = $("file").files;
    const query = new URLSearchParams({ name: $("name").value || file.name });
    if ($("target").value !== "") query.set("target", $("target").value);
    const type = file.name.toLowerCase().endsWith(".csv") ? "text/csv" : "application/x-ndjson";
    say(`Uploading ${file.name} …`);
    showWarnings([]);
    const job = await ask(`/jobs?${query}`, { method: "POST", body: file, headers: { "content-type": type } });
    const [first] = job.refusals;
    say(
      `${count(job.rows)} ${job.rows === 1 ? "row" : "rows"}${first === undefined ? "" : `; ${count(job.refused)} refused, the first: row ${first.row}: ${first.reason}`}.`,
    );
    showWarnings(job.warnings);
    await load();
    select(job.id);
  });
}

/** What to know of an upload before it is run. */
function showWarnings(warnings) {
  $("warnings").hidden = warnings.length === 0;
  $("warnings").replaceChildren(...warnings.map((textContent) => element("li", { textContent })));
}

function select(id) {
  selected = id;
  location.hash = new URLSearchParams({ job: id });
  void attempt(() => showDetails(id));
}

async function showDetails(id) {
  const answer = await fetch(`/jobs/${encodeURIComponent(id)}`);
  $("details").hidden = !answer.ok;
  if (answer.status === 404) selected = null;
  if (!answer.ok) return;
  const { name, status, done, failed, reason, statistics } = await answer.json();
  $("details-title").textContent = name || id;
  const { count: pairs, overflowed = [] } = statistics;
  metrics ??= await ask("/statistics");
  const textOf = ({ name }) => (overflowed.includes(name) ? "overflow: beyond 1.8e308" : statistics[name]);
  const figures = {
    status,
    predicted: count(done),
    failed: count(failed),
    "with a label": count(pairs),
    ...Object.fromEntries(metrics.map((metric) => [metric.title, textOf(metric)])),
  };
  if (reason !== undefined) figures.reason = reason;
  $("figures").replaceChildren(
    ...Object.entries(figures).map(([term, value]) =>
      element("div", { className: term === "reason" ? "whole" : "" }, [
        element("dt", { textContent: term }),
        element("dd", { textContent: figure(value) }),
      ]),
    ),
  );
  const drawing = JSON.stringify(statistics.bins);
  if (drawing !== drawn) $("histogram").replaceChildren(...(pairs === 0 ? [] : [histogram(statistics.bins)]));
  drawn = drawing;
  for (const format of ["csv", "ndjson", "arrow"]) $(format).href = `/jobs/${encodeURIComponent(id)}/results?format=${format}`;
}

/** Calls the gateway. @throws Error with the gateway's message. */
async function ask(path, options = {}) {
  const key = $("key").value;
  const answer = await fetch(path, { ...options, headers: { ...options.headers, ...(key === "" ? {} : { "x-api-key": key }) } });
  const text = await answer.text();
  const body = text === "" ? undefined : JSON.parse(text);
  if (!answer.ok) throw new Error(body?.detail ?? answer.statusText);
  return body;
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    say(error.message, true);
  }
}

function say(text, isProblem = false) {
  $("message").textContent = text;
  $("message").className = isProblem ? "problem" : "";
}

function element(name, properties, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function cell(children, className = "") {
  return element("td", { className }, children);
}

function count(value) {
  return value.toLocaleString("en");
}

function figure(value) {
  if (value === null) return "–";
  return typeof value === "number" ? String(Number(value.toPrecision(5))) : value;
}
