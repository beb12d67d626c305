import { Charts } from "./charts.js";
import { eventsPath, windowsPath, type Choice } from "./choice.js";
import { Connection } from "./connection.js";
import { Controls } from "./controls.js";
import { showDistribution } from "./distribution.js";
import { at, element, fillTable } from "./dom.js";
import { figure } from "./format.js";
import { NOTHING, type LiveState } from "./live-state.js";
import { healthLines, hourText, tilesOf } from "./tiles.js";
import { windowRows } from "./window-table.js";

const CONNECTION_TEXTS = { connecting: "connecting …", live: "live", reconnecting: "reconnecting …" };

let state = NOTHING;
/** What is on the screen. */
let shown: LiveState | undefined;
let isDue = false;

const charts = new Charts();
const connection = new Connection((change) => {
  state = change(state);
  redrawSoon();
});
const controls = new Controls((choice, before) => {
  if (eventsPath(choice) !== eventsPath(before)) {
    const { connection: live, headline, rows, health } = state;
    const isLane = choice.lane === before.lane;
    state = { ...NOTHING, connection: live, health, ...(isLane ? { headline, rows } : {}) };
    connection.follow(eventsPath(choice));
  }
  shown = undefined;
  redrawSoon();
});
const example = at("example", HTMLElement);
example.textContent = example.textContent.replaceAll("localhost:8080", location.host);
const table = at("windows", HTMLDetailsElement);
table.addEventListener("toggle", () => showTable(state));
at("signs", HTMLFieldSetElement).addEventListener("change", () => showDistribution(state.summary, isSigned()));
new ResizeObserver(() => showDistribution(state.summary, isSigned())).observe(at("histogram", HTMLElement));
connection.follow(eventsPath(controls.choice));

/** Once a frame, however many events come. */
function redrawSoon(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    redraw(shown, state);
    shown = state;
  });
}

/** Shows what is not yet shown. */
function redraw(before: LiveState | undefined, now: LiveState): void {
  const isNew = (name: keyof LiveState) => before?.[name] !== now[name];
  if (isNew("connection")) showConnection(now);
  if (isNew("windows") || isNew("headline")) controls.show(now.windows, now.headline?.lanes ?? []);
  if (isNew("windows") || isNew("summary")) charts.show(controls.choice, now);
  if (isNew("windows")) {
    showEmptiness(now);
    showTable(now);
    showLinks(controls.choice, now);
  }
  if (isNew("summary")) showDistribution(now.summary, isSigned());
  if (isNew("headline")) showHeadline(now);
  if (isNew("rows")) showRows(now);
  if (isNew("health")) showHealth(now);
}

function showConnection({ connection: live }: LiveState): void {
  const place = at("connection", HTMLElement);
  place.textContent = CONNECTION_TEXTS[live];
  place.dataset["state"] = live;
}

/** Tells a newcomer what to do. */
function showEmptiness({ windows }: LiveState): void {
  const isEmpty = windows?.length === 0;
  at("empty", HTMLElement).hidden = !isEmpty;
  at("panels", HTMLElement).hidden = isEmpty;
}

function showHeadline({ headline }: LiveState): void {
  if (headline === undefined) return;
  at("tiles", HTMLElement).replaceChildren(
    ...tilesOf(headline).map(({ title, value, note, tone }) => {
      const tile = element("div", { className: "tile" }, [
        element("dt", { textContent: title }),
        element("dd", { className: "value", textContent: value }),
        element("dd", { className: "note", textContent: note }),
      ]);
      tile.dataset["tone"] = tone;
      return tile;
    }),
  );
  at("hour", HTMLElement).textContent = hourText(headline.last_hour);
}

function showTable({ windows = [] }: LiveState): void {
  if (table.open) fillTable(at("window-rows", HTMLTableSectionElement), windowRows(windows));
}

function showLinks(choice: Choice, { from }: LiveState): void {
  at("windows-link", HTMLAnchorElement).href = windowsPath(choice, from);
  at("summary-link", HTMLAnchorElement).href = windowsPath(choice, from, "/windows/summary");
}

function showRows({ rows }: LiveState): void {
  at("latest", HTMLElement).hidden = rows.length === 0;
  fillTable(
    at("latest-rows", HTMLTableSectionElement),
    rows
      .toReversed()
      .map(({ id, y_true, y_pred, absolute_error }) => [
        id,
        figure(y_true),
        figure(y_pred),
        absolute_error === null ? "overflow" : figure(absolute_error),
      ]),
  );
}

function showHealth({ health }: LiveState): void {
  if (health === undefined) return;
  at("health", HTMLElement).replaceChildren(
    ...healthLines(health).map(({ text, isGood }) => element("li", { className: isGood ? "good" : "bad", textContent: text })),
  );
}

function isSigned(): boolean {
  return at("signed", HTMLInputElement).checked;
}
