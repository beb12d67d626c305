import type { DriftOverTime } from "@streamgauge/core/windows";
import { element, fillTable, setText } from "../dom.js";
import { counted, percent } from "../format.js";
import { Drawing } from "./drawing.js";
import { figuresTable } from "./figures-table.js";
import { cellAfter, cellText, sharedBins, shownFeatures, unseenText, type Cell, type DriftFeature } from "./heat-cells.js";
import { drawnHeat } from "./heat-map.js";
import { panelFrame, type FeatureView, type Medium, type Panel, type PanelMaker } from "./panel.js";
import { drawnShares } from "./shared-bars.js";

const NO_REFERENCE =
  "Nothing is known of the features yet: it needs a model with a reference, as streamgauge train writes it, and streamgauge reference for a model from elsewhere.";

/** Which features have moved, when, and how. */
export const driftPanels: PanelMaker = (medium) => [new DriftPanel(medium)];

class DriftPanel implements Panel {
  readonly element: HTMLElement;
  readonly #note = element("p", { className: "note" });
  readonly #content: HTMLElement;
  readonly #map = element("div", { id: "drift-chart", className: "drawing", tabIndex: 0 });
  readonly #said = element("p", { id: "drift-cell", className: "note" });
  readonly #unseen = element("p", { className: "note" });
  readonly #all = element("button", { type: "button" });
  readonly #heat: Drawing;
  readonly #shares: Drawing;
  readonly #table;
  #features: FeatureView | undefined;
  #chosen: Cell | undefined;
  #areAll = false;

  constructor(medium: Medium) {
    const place = element("div", { id: "drift-shares", className: "drawing" });
    this.#table = figuresTable({ id: "drift-rows", caption: "The two histograms", columns: ["Values", "Rows", "Reference"] }, medium);
    const beside = element("div", {}, [this.#said, place, this.#unseen, this.#table.element]);
    this.#said.setAttribute("role", "status");
    this.#map.setAttribute("role", "group");
    this.#content = element("div", { className: "beside" }, [element("div", {}, [this.#map, this.#all]), beside]);
    this.element = panelFrame({ id: "drift", title: "What drifted", isWhole: true }, [this.#note, this.#content]);
    this.#heat = new Drawing(this.#map);
    this.#shares = new Drawing(place);
    this.#all.addEventListener("click", () => {
      this.#areAll = !this.#areAll;
      this.#draw();
    });
    this.#map.addEventListener("click", ({ target }) => {
      const cell = target instanceof Element ? target.closest("[data-cell]")?.getAttribute("data-cell") : undefined;
      const [feature = 0, time = -1] = (cell ?? "").split(" ").map(Number);
      if (cell) this.#choose({ feature, time });
    });
    this.#map.addEventListener("keydown", (event) => this.#onKey(event));
  }

  show({ features }: Parameters<Panel["show"]>[0]): void {
    if (features === this.#features && features !== undefined) return;
    const before = this.#features?.drift;
    this.#features = features;
    const drift = features?.drift;
    this.element.hidden = features === undefined;
    this.#content.hidden = !drift;
    this.#table.element.hidden = !drift;
    setText(this.#note, drift ? noteOf(drift) : NO_REFERENCE);
    if (!drift) return;
    if (before?.reference !== drift.reference || before.times.length !== drift.times.length) this.#chosen = undefined;
    this.#draw();
    this.#showCell();
  }

  #draw(): void {
    const drift = this.#features?.drift;
    if (!drift) return;
    const shown = shownFeatures(drift, this.#areAll);
    this.#chosen ??= { feature: shown[0] ?? 0, time: -1 };
    this.#heat.show(drawnHeat(drift, shown, this.#chosen));
    const others = drift.features.length - shownFeatures(drift, false).length;
    this.#all.hidden = others === 0;
    setText(this.#all, this.#areAll ? "Show those that moved most" : `Show ${counted(others, "more feature")}`);
    this.#map.setAttribute("aria-label", `Features over time; arrow keys choose. ${cellText(drift, this.#chosen)}`);
  }

  #onKey(event: KeyboardEvent): void {
    const drift = this.#features?.drift;
    if (!drift || this.#chosen === undefined) return;
    const next = cellAfter(event.key, this.#chosen, shownFeatures(drift, this.#areAll), drift.times.length);
    if (next === undefined) return;
    event.preventDefault();
    this.#choose(next);
  }

  #choose(cell: Cell): void {
    this.#chosen = cell;
    this.#draw();
    this.#showCell();
  }

  #showCell(): void {
    const [drift, cell] = [this.#features?.drift, this.#chosen];
    if (!drift || cell === undefined) return;
    setText(this.#said, cellText(drift, cell));
    const time = drift.times[cell.time];
    const ofRange = drift.features[cell.feature];
    const hours = this.#features?.hours;
    if (time !== undefined && hours === undefined) setText(this.#said, `${cellText(drift, cell)}. The histogram is of the whole range.`);
    if (time === undefined || hours === undefined) return this.#showFeature(ofRange);
    void hours(time.start, time.end).then(
      (within) => {
        // Another one was chosen meanwhile.
        if (this.#chosen !== cell) return;
        this.#showFeature(within?.features.find(({ name }) => name === ofRange?.name));
      },
      () => {
        if (this.#chosen === cell) setText(this.#said, `${cellText(drift, cell)}. Its histogram could not be read: choose it again.`);
      },
    );
  }

  #showFeature(feature: DriftFeature | undefined): void {
    const bins = feature === undefined ? [] : sharedBins(feature);
    this.#shares.show(drawnShares(bins, `Rows of ${feature?.name ?? ""} by bin, and the reference; the figures are in the table below.`));
    setText(this.#unseen, feature === undefined ? "" : unseenText(feature));
    this.#unseen.hidden = this.#unseen.textContent === "";
    fillTable(
      this.#table.body,
      bins.map(({ name, window, reference }) => [name, percent(window), percent(reference)]),
    );
  }
}

function noteOf({ model, reference, reference_rows: rows }: DriftOverTime): string {
  return `Predictions of ${model || "the model"}, beside the ${counted(rows, "row")} of the reference ${reference}. Orange has drifted, the stronger the farther: PSI above 0.1 and above what hours have by chance or by themselves. Choose a cell for its histogram (bars; the line is the reference), a name for the whole range.`;
}
