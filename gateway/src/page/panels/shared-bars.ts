import { shape } from "../dom.js";
import { percent } from "../format.js";
import type { Drawn } from "./drawing.js";
import type { SharedBin } from "./heat-cells.js";

const HEIGHT = 240;
/** "100.0 %" is 52 wide, with the gap beside it. */
const MARGIN = { left: 60, right: 8, top: 8, bottom: 24 };

/** Two histograms over the same bins: bars are the rows of a time, steps those of the reference. */
export function drawnShares(bins: readonly SharedBin[], label: string): Drawn {
  return { key: JSON.stringify([label, bins]), draw: (width) => (bins.length === 0 ? undefined : sharesDrawing(bins, label, width)) };
}

function sharesDrawing(bins: readonly SharedBin[], label: string, whole: number): SVGSVGElement {
  const most = Math.max(...bins.flatMap(({ reference, window }) => [reference, window]));
  const inner = HEIGHT - MARGIN.top - MARGIN.bottom;
  const base = MARGIN.top + inner;
  const step = (whole - MARGIN.left - MARGIN.right) / bins.length;
  const picture = shape("svg", { viewBox: `0 0 ${whole} ${HEIGHT}`, role: "img", "aria-label": label });
  for (const [i, { name, reference, window }] of bins.entries()) {
    const x = MARGIN.left + i * step;
    const tall = (window / most) * inner;
    const bar = shape("rect", { x: x + 1, y: base - tall, width: Math.max(1, step - 2), height: tall });
    bar.append(shape("title", {}, `${name}: ${percent(window)}, reference ${percent(reference)}`));
    const top = base - (reference / most) * inner;
    picture.append(bar, shape("path", { class: "expected", d: `M${x} ${base}V${top}H${x + step}V${base}` }));
  }
  picture.append(shape("line", { x1: MARGIN.left, x2: whole - MARGIN.right, y1: base, y2: base }));
  picture.append(shape("text", { x: MARGIN.left - 6, y: MARGIN.top + 10, "text-anchor": "end" }, percent(most)));
  picture.append(shape("text", { x: MARGIN.left - 6, y: base, "text-anchor": "end" }, "0"));
  picture.append(shape("text", { x: MARGIN.left, y: HEIGHT - 6 }, bins[0]?.name ?? ""));
  if (bins.length > 1)
    picture.append(shape("text", { x: whole - MARGIN.right, y: HEIGHT - 6, "text-anchor": "end" }, bins.at(-1)?.name ?? ""));
  return picture;
}
