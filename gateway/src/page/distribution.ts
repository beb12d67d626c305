import type { SummaryEvent } from "@streamgauge/core/windows";
import { barsDrawing, binText, type Bar } from "./bars.js";
import { at, fillTable } from "./dom.js";
import { count, counted, figure, moment, percent } from "./format.js";

/** The errors of the range: how they are distributed, and how large they are by tenth of the prediction. */
export function showDistribution(summary: SummaryEvent["summary"] | undefined, isSigned: boolean): void {
  const bins = (isSigned ? summary?.signed : summary?.absolute) ?? [];
  const what = isSigned ? "prediction − truth" : "absolute error";
  const bars = bins.map((bin): Bar => ({ ...bin, value: bin.count, title: `${binText(bin)}: ${counted(bin.count, "row")}` }));
  const label = `Histogram of the ${isSigned ? "signed" : "absolute"} errors; its figures are in the table below.`;
  draw("histogram", bars, (width) => barsDrawing(bars, { width, label, axis: what, textOf: count }));
  fillTable(
    at("histogram-rows", HTMLTableSectionElement),
    bins.filter((bin) => bin.count > 0).map((bin) => [binText(bin), count(bin.count)]),
  );
  at("range-text", HTMLElement).textContent = rangeText(summary);
  showTenths(summary?.tenths ?? []);
}

function rangeText(summary: SummaryEvent["summary"] | undefined): string {
  if (summary === undefined || summary === null) return "";
  return `${counted(summary.labelled, "labelled row")} from ${moment(summary.start)} to ${moment(summary.end)} UTC; MAE ${figure(summary.mae)}, bias ${figure(summary.bias)}, p95 ${figure(summary.p95)}`;
}

function showTenths(all: NonNullable<SummaryEvent["summary"]>["tenths"]): void {
  const tenths = all.some(({ labelled }) => labelled > 0) ? all : [];
  const bars =
    tenths.length === 0
      ? []
      : Array.from({ length: 10 }, (_, i) =>
          tenthBar(
            i,
            tenths.find(({ tenth }) => tenth === i),
          ),
        );
  const names = bars.map((_, i) => String(i + 1));
  const label = "MAE by tenth of the prediction; its figures are in the table below.";
  draw("tenths", bars, (width) =>
    barsDrawing(bars, { width, label, axis: "tenth of the predictions, the smallest first", textOf: figure, names }),
  );
  at("no-tenths", HTMLElement).hidden = tenths.length > 0;
  fillTable(
    at("tenths-rows", HTMLTableSectionElement),
    tenths.map(({ tenth, predicted, labelled, mae, rmse }) => [
      String(tenth + 1),
      count(predicted),
      percent(predicted === 0 ? null : labelled / predicted),
      figure(mae),
      figure(rmse),
    ]),
  );
}

function tenthBar(i: number, tenth: NonNullable<SummaryEvent["summary"]>["tenths"][number] | undefined): Bar {
  const { mae = null, predicted = 0, labelled = 0 } = tenth ?? {};
  const title = `tenth ${i + 1}: MAE ${figure(mae)}, ${count(labelled)} of ${count(predicted)} labelled`;
  return { from: i, to: i + 1, value: mae ?? 0, title };
}

const drawn = new Map<string, string>();

/** Draws only what has changed: the pointer may rest on it. */
function draw(id: string, bars: readonly Bar[], drawing: (width: number) => SVGSVGElement): void {
  const place = at(id, HTMLElement);
  const text = JSON.stringify([place.clientWidth, bars]);
  if (drawn.get(id) === text) return;
  drawn.set(id, text);
  place.replaceChildren(...(bars.length === 0 || place.clientWidth === 0 ? [] : [drawing(place.clientWidth)]));
}
