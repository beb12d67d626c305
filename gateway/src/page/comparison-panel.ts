import type { ComparisonEvent } from "@streamgauge/core/windows";
import { comparisonTiles, comparisonNote, intervalText, NO_COMPARISON, type Comparison } from "./comparison-texts.js";
import { element, setText } from "./dom.js";
import { count, figure } from "./format.js";
import { Drawing } from "./panels/drawing.js";
import { panelFrame } from "./panels/panel.js";
import { drawnPoints } from "./panels/points.js";
import { tileElements } from "./tile-elements.js";

/** The champion beside the other lanes. Hidden while there is one lane. */
export class ComparisonPanel {
  readonly element: HTMLElement;
  readonly #none = element("p", { className: "note", textContent: NO_COMPARISON });
  readonly #place = element("div");
  readonly #lanes = new Map<string, ComparedLane>();

  constructor() {
    const head = { id: "comparison", title: "Champion beside challenger", says: "on the rows that both have logged", isWhole: true };
    this.element = Object.assign(panelFrame(head, [this.#none, this.#place]), { hidden: true });
  }

  /** @param lanes - that have windows. */
  show(event: ComparisonEvent | undefined, lanes: readonly string[]): void {
    const comparisons = event?.comparisons ?? [];
    this.element.hidden = comparisons.length === 0 && lanes.length < 2;
    this.#none.hidden = comparisons.length > 0;
    for (const comparison of comparisons) this.#of(comparison.challenger).show(comparison);
  }

  #of(challenger: string): ComparedLane {
    let lane = this.#lanes.get(challenger);
    if (lane !== undefined) return lane;
    lane = new ComparedLane();
    this.#lanes.set(challenger, lane);
    this.#place.append(lane.element);
    return lane;
  }
}

/** One lane beside the champion. */
class ComparedLane {
  readonly element: HTMLElement;
  readonly #verdict = element("p", { className: "verdict" });
  readonly #difference = element("p");
  readonly #figures = element("dl", { className: "tiles" });
  readonly #note = element("p", { className: "note" });
  readonly #drawing: Drawing;
  #shown = "";

  constructor() {
    const place = element("div", { className: "drawing" });
    this.#drawing = new Drawing(place);
    this.element = element("div", { className: "compared" }, [this.#verdict, this.#difference, this.#figures, place, this.#note]);
  }

  show(comparison: Comparison): void {
    const shown = JSON.stringify(comparison);
    if (shown === this.#shown) return;
    this.#shown = shown;
    setText(this.#verdict, `${comparison.verdict_text}.`);
    setText(this.#difference, comparison.difference_text);
    this.#figures.replaceChildren(...tileElements(comparisonTiles(comparison)));
    this.#drawing.show(historyDrawing(comparison));
    setText(this.#note, comparisonNote(comparison));
  }
}

/** The difference and its interval by the number of rows. */
function historyDrawing(comparison: Comparison) {
  const { history, champion, challenger, tied, rows } = comparison;
  // All errors the same: there is nothing to draw.
  const points = tied === rows ? [] : history;
  return drawnPoints(
    points.map(({ rows: after, mean, lower, upper }) => ({
      x: after,
      y: mean,
      spread: upper - mean,
      title: `after ${count(after)} rows: ${figure(mean)} (${figure(lower)} to ${figure(upper)})`,
    })),
    {
      label: `Difference of the errors by the number of rows, with its interval; after all ${count(rows)} rows it is ${intervalText(comparison)}.`,
      xAxis: "rows of both",
      yAxis: `error of ${champion} − error of ${challenger}: above 0, ${challenger} is better`,
      line: { at: 0, slope: 0, title: "no difference" },
      height: 240,
    },
  );
}
