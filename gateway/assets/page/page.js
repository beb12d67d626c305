// The page of jobs: plain DOM, no build. Texts from the server are only ever set as text, never as markup.
import { histogram } from "./histogram.js";

const PAUSE_MS = 1_000;
const $ = (id) => document.getElementById(id);
/** The jobs that are shown, by id, and the one whose details are. */
const shown = new Map();
let selected = new URLSearchParams(location.hash.slice(1)).get("job");
/** Where the page after the last one that was loaded begins; null before there is any. */
let older = null;

$("key").value = sessionStorage.getItem("key") ?? "";
$("key").addEventListener("change", () => sessionStorage.setItem("key", $("key").value));
$("create").addEventListener("submit", (event) => void create(event));
$("more").addEventListener("click", () => void attempt(() => load(older)));

void refresh();

/** Follows what runs, for as long as the page is open. */
async function refresh() {
  try {
    await load();
    if (selected !== null) await showDetails(selected);
  } catch (error) {
    say(error.message, true);
  }
  setTimeout(() => void refresh(), PAUSE_MS);
}

async function load(cursor) {
  const { items, next } = await ask(`/jobs?limit=20${cursor === undefined ? "" : `&cursor=${cursor}`}`);
  if (cursor !== undefined || older === null) older = next;
  $("more").hidden = older === undefined;
  for (const job of items) shown.set(job.id, job);
  const rows = [...shown.values()].sort((one, other) => other.createdAt.localeCompare(one.createdAt)).map(rowOf);
  $("jobs").replaceChildren(...rows);
  $("none").hidden = rows.length > 0;
}

function rowOf(job) {
  const name = element("button", { type: "button", textContent: job.name || job.id, onclick: () => select(job.id) });
  const progress = element("progress", { max: 1, value: job.progress, title: `${Math.round(job.progress * 100)} %` });
  const actions = [];
  if (job.status === "created") actions.push(action("Run", "POST", `/jobs/${job.id}/run`));
  if (job.status === "created" || job.status === "running") actions.push(action("Cancel", "DELETE", `/jobs/${job.id}`));
  else actions.push(action("Remove", "DELETE", `/jobs/${job.id}`, () => shown.delete(job.id)));
  const row = element("tr", {}, [
    cell([name]),
    cell([job.status]),
    cell([progress]),
    cell([count(job.rows)], "number"),
    cell([count(job.failed)], "number"),
    cell([job.seconds === undefined ? "" : job.seconds.toFixed(1)], "number"),
    cell(actions),
  ]);
  row.dataset.job = job.id;
  row.dataset.status = job.status;
  return row;
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
    const type = file.name.endsWith(".csv") ? "text/csv" : "application/x-ndjson";
    say(`Uploading ${file.name} …`);
    const job = await ask(`/jobs?${query}`, { method: "POST", body: file, headers: { "content-type": type } });
    const [first] = job.refusals;
    say(
      `${count(job.rows)} rows${first === undefined ? "" : `; ${count(job.refused)} refused, the first: row ${first.row}: ${first.reason}`}.`,
    );
    await load();
    select(job.id);
  });
}

function select(id) {
  selected = id;
  location.hash = new URLSearchParams({ job: id });
  void attempt(() => showDetails(id));
}

async function showDetails(id) {
  const answer = await fetch(`/jobs/${encodeURIComponent(id)}`);
  $("details").hidden = !answer.ok;
  if (!answer.ok) return;
  const { name, status, done, failed, reason, statistics } = await answer.json();
  $("details-title").textContent = name || id;
  const { count: pairs, mae, rmse, bias, r2, p50, p95, p99, max } = statistics;
  const figures = {
    status,
    predicted: count(done),
    failed: count(failed),
    "with a label": count(pairs),
    MAE: mae,
    RMSE: rmse,
    bias,
    "R²": r2,
    p50,
    p95,
    p99,
    max,
  };
  if (reason !== undefined) figures.reason = reason;
  $("figures").replaceChildren(
    ...Object.entries(figures).map(([term, value]) =>
      element("div", {}, [element("dt", { textContent: term }), element("dd", { textContent: figure(value) })]),
    ),
  );
  $("histogram").replaceChildren(...(pairs === 0 ? [] : [histogram(statistics.bins)]));
  for (const format of ["csv", "ndjson", "arrow"]) $(format).href = `/jobs/${encodeURIComponent(id)}/results?format=${format}`;
}

/** Asks the gateway. @throws Error with what the gateway says is wrong. */
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
