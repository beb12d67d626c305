import { isLane, isOfModels, lastOf, METRIC_CHOICES, metricShown, RANGES, readChoice, writeChoice, type Choice } from "./choice.js";
import { at, fillSelect } from "./dom.js";
import type { LiveState } from "./live-state.js";
import { modelsIn } from "./panels/series.js";

const SIZES = [
  ["1m", "minutes"],
  ["1h", "hours"],
  ["1d", "days"],
] as const;
/** The value of the range that is between two times. */
const BETWEEN = "between";

/** The form with which one chooses what the page shows; the URL keeps the choice. */
export class Controls {
  choice = readChoice(location.search);
  readonly #onChange: (choice: Choice, before: Choice) => void;
  #windows: LiveState["windows"];
  #lanes: readonly string[] = [];
  readonly #lane = at("lane", HTMLSelectElement);
  readonly #size = at("size", HTMLSelectElement);
  readonly #range = at("range", HTMLSelectElement);
  readonly #metric = at("metric", HTMLSelectElement);
  readonly #model = at("model", HTMLSelectElement);
  readonly #from = at("from", HTMLInputElement);
  readonly #to = at("to", HTMLInputElement);

  constructor(onChange: (choice: Choice, before: Choice) => void) {
    this.#onChange = onChange;
    at("choice", HTMLFormElement).addEventListener("change", () => this.#take(this.#chosen()));
    at("choice", HTMLFormElement).addEventListener("submit", (event) => event.preventDefault());
    addEventListener("popstate", () => this.#take(readChoice(location.search), false));
    this.#show();
  }

  /** Shows the choice, and what there is to choose from. */
  show(windows: LiveState["windows"], lanes: readonly string[]): void {
    this.#windows = windows;
    this.#lanes = lanes;
    this.#show();
  }

  #show(): void {
    const { lane, size, last, from, to, metric, model } = this.choice;
    // Of a lane that is not asked for no events come, which have the names of the others.
    const lanes = isLane(lane) ? this.#lanes : ["champion"];
    fillSelect(this.#lane, withChosen(lanes, lane, lanes.length > 0), lane);
    fillSelect(this.#size, SIZES, size);
    fillSelect(this.#range, rangesOf(this.choice), last === undefined ? BETWEEN : String(last));
    const metrics = METRIC_CHOICES.filter(({ name }) => model === "" || isOfModels(name));
    fillSelect(
      this.#metric,
      metrics.map(({ name, title }) => [name, title]),
      metric,
    );
    const models = withChosen(modelsIn(this.#windows ?? []), model, (this.#windows ?? []).length > 0);
    fillSelect(this.#model, [["", "all versions"], ...models], model);
    at("times", HTMLElement).hidden = last !== undefined;
    if (document.activeElement !== this.#from) this.#from.value = from;
    if (document.activeElement !== this.#to) this.#to.value = to;
  }

  #chosen(): Choice {
    const size = SIZES.find(([name]) => name === this.#size.value)?.[0] ?? "1m";
    const isBetween = this.#range.value === BETWEEN;
    const last = size === this.choice.size ? Number(this.#range.value) : lastOf(size);
    const metric = METRIC_CHOICES.find(({ name }) => name === this.#metric.value)?.name ?? "mae";
    const model = this.#model.value;
    return {
      lane: this.#lane.value,
      size,
      last: isBetween ? undefined : last,
      from: isBetween ? this.#from.value : "",
      to: isBetween ? this.#to.value : "",
      metric: metricShown(metric, model),
      model,
    };
  }

  #take(choice: Choice, isNew = true): void {
    const before = this.choice;
    this.choice = choice;
    // The next change may come before the next frame.
    this.#show();
    if (isNew) history.pushState(null, "", writeChoice(choice));
    this.#onChange(choice, before);
  }
}

/** Names to choose from; what is chosen is there too, and is marked if it is none of them. @param isKnown - whether the names have come. */
function withChosen(names: readonly string[], chosen: string, isKnown: boolean): (readonly [string, string])[] {
  const listed = names.map((name) => [name, name] as const);
  if (chosen === "" || names.includes(chosen)) return listed;
  return [...listed, [chosen, isKnown ? `${chosen} (no windows)` : chosen]];
}

function rangesOf({ size, last }: Choice): (readonly [string, string])[] {
  const ranges = RANGES[size].toSorted(([one], [other]) => one - other).map(([each, title]) => [String(each), title] as const);
  const isListed = last === undefined || ranges.some(([each]) => each === String(last));
  return [...ranges, ...(isListed ? [] : [[String(last), `${last} windows`] as const]), [BETWEEN, "between two times"]];
}
