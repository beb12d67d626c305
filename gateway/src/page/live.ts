import { eventsPath, isLane, windowsPath, type Choice } from "./choice.js";
import { choiceNotes, choiceProblem, urlNotes } from "./choice-notes.js";
import { ComparisonPanel } from "./comparison-panel.js";
import { Connection } from "./connection.js";
import { Controls } from "./controls.js";
import { DeadLettersPanel } from "./dead-letters-panel.js";
import { at, element, fillTable, setText } from "./dom.js";
import { figure, figureOrOverflow } from "./format.js";
import { FeatureFigures } from "./feature-figures.js";
import { FrameWork } from "./frame-work.js";
import { showHealth } from "./health-line.js";
import { NOTHING, type LiveState } from "./live-state.js";
import { makePanels } from "./panels/panels.js";
import { tileElements } from "./tile-elements.js";
import { hourText, tilesOf } from "./tiles.js";

const CONNECTION_TEXTS = { connecting: "connecting …", live: "live", reconnecting: "reconnecting …", idle: "waits for a range" };

let state = NOTHING;
let notUnderstood = urlNotes(location.search);
/** What is on the screen. */
let shown: LiveState | undefined;

const frames = new FrameWork();
const panels = makePanels("live");
at("latest", HTMLElement).before(...panels.map((panel) => panel.element));
const comparison = new ComparisonPanel();
const deadLetters = new DeadLettersPanel();
at("around", HTMLElement).append(comparison.element, deadLetters.element);
const connection = new Connection((change) => {
  state = change(state);
  redrawSoon();
});
const featureFigures = new FeatureFigures((features) => {
  state = { ...state, features };
  redrawSoon();
});
const controls = new Controls((choice, before) => {
  if (eventsPath(choice) !== eventsPath(before)) {
    const { connection: live, headline, rows, health, deadLetters: dead, comparison: compared } = state;
    const isLane = choice.lane === before.lane;
    state = { ...NOTHING, connection: live, health, deadLetters: dead, comparison: compared, ...(isLane ? { headline, rows } : {}) };
    follow(choice);
  }
  // What a person chose is understood.
  notUnderstood = [];
  shown = undefined;
  redrawSoon();
});
const example = at("example", HTMLElement);
example.textContent = example.textContent.replaceAll("localhost:8080", location.host);
follow(controls.choice);

function follow(choice: Choice): void {
  connection.follow(choiceProblem(choice) === undefined ? eventsPath(choice) : undefined);
}

/** Once a frame, however many events come. */
function redrawSoon(): void {
  frames.ask("redraw", () => {
    redraw(shown, state);
    shown = state;
  });
}

/** Shows what is not yet shown, panel by panel. */
function redraw(before: LiveState | undefined, now: LiveState): void {
  const isNew = (name: keyof LiveState) => before?.[name] !== now[name];
  if (isNew("connection")) showConnection(now);
  if (isNew("windows") || isNew("headline")) controls.show(now.windows, now.headline?.lanes ?? []);
  if (before === undefined || isNew("windows") || isNew("headline")) showNotes(controls.choice, now);
  if (before === undefined || isNew("windows")) showEmptiness(controls.choice, now);
  if (isNew("headline")) showHeadline(now);
  if (isNew("rows")) showRows(now);
  if (isNew("health") || isNew("connection")) showHealth(now);
  if (isNew("comparison") || isNew("headline")) comparison.show(now.comparison, now.headline?.lanes ?? []);
  if (isNew("deadLetters")) deadLetters.show(now.deadLetters);
  if (before === undefined || isNew("windows")) followFeatures(controls.choice, now);
  if (isNew("windows") || isNew("summary") || isNew("features")) showPanels(controls.choice, now);
}

function showConnection({ connection: live }: LiveState): void {
  const place = at("connection", HTMLElement);
  setText(place, live === "idle" && !isLane(controls.choice.lane) ? "waits for a lane" : CONNECTION_TEXTS[live]);
  place.dataset["state"] = live;
}

/** Says what of the choice cannot be shown. Replaced only by another text: a screen reader reads it out then. */
function showNotes(choice: Choice, now: LiveState): void {
  const problem = choiceProblem(choice);
  const notes = [...notUnderstood, ...(problem === undefined ? choiceNotes(choice, now) : [problem])];
  const place = at("choice-notes", HTMLElement);
  const key = JSON.stringify(notes);
  if (place.dataset["said"] === key) return;
  place.dataset["said"] = key;
  place.replaceChildren(...notes.map((note) => element("p", { textContent: note })));
}

/** Tells a newcomer what to do. */
function showEmptiness(choice: Choice, { windows }: LiveState): void {
  const isImpossible = choiceProblem(choice) !== undefined;
  const isEmpty = windows?.length === 0;
  at("empty", HTMLElement).hidden = !isEmpty || isImpossible;
  at("panels", HTMLElement).hidden = isEmpty || isImpossible;
}

function showHeadline({ headline }: LiveState): void {
  if (headline === undefined) return;
  at("tiles", HTMLElement).replaceChildren(...tileElements(tilesOf(headline)));
  at("hour", HTMLElement).textContent = hourText(headline.last_hour);
}

function followFeatures(choice: Choice, { windows = [], from }: LiveState): void {
  const end = windows.at(-1)?.end;
  if (end !== undefined) featureFigures.follow(choice, from, end);
}

function showPanels(choice: Choice, { windows = [], summary, from, features }: LiveState): void {
  const links = { windows: windowsPath(choice, from), summary: windowsPath(choice, from, "/windows/summary") };
  for (const [i, panel] of panels.entries()) frames.ask(`panel ${i}`, () => panel.show({ choice, windows, summary, features, links }));
}

function showRows({ rows }: LiveState): void {
  at("latest", HTMLElement).hidden = rows.length === 0;
  fillTable(
    at("latest-rows", HTMLTableSectionElement),
    rows
      .toReversed()
      .map(({ id, y_true, y_pred, absolute_error }) => [id, figure(y_true), figure(y_pred), figureOrOverflow(absolute_error)]),
  );
}
