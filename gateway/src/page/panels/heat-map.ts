import type { DriftOverTime } from "@streamgauge/core/windows";
import { shape } from "../dom.js";
import { moment } from "../format.js";
import type { Drawn } from "./drawing.js";
import { cellText, inkOf, type Cell } from "./heat-cells.js";

const ROW = 18;
const FOOT = 22;
/** Of the names of features: on a phone they are cut. */
const [NAMES, NAMES_ON_PHONE] = [150, 84];
/** Pixels of a character, about. */
const CHARACTER = 7;

/** Each feature over time: the darker, the farther it has moved. @param shown - features, from top to bottom. */
export function drawnHeat(drift: DriftOverTime, shown: readonly number[], chosen: Cell): Drawn {
  return {
    key: JSON.stringify([drift, shown, chosen]),
    draw: (width) => (shown.length === 0 ? undefined : heatDrawing(drift, shown, chosen, width)),
  };
}

function heatDrawing(drift: DriftOverTime, shown: readonly number[], chosen: Cell, whole: number): SVGSVGElement {
  const { features, times, start, end } = drift;
  const names = whole < 500 ? NAMES_ON_PHONE : NAMES;
  const cell = (whole - names) / times.length;
  const height = shown.length * ROW;
  const picture = shape("svg", { class: "heat", viewBox: `0 0 ${whole} ${height + FOOT}`, "aria-hidden": "true" });
  for (const [row, feature] of shown.entries()) {
    const name = features[feature]?.name ?? "";
    const place = { x: names - 6, y: row * ROW + 13, "text-anchor": "end", "data-cell": `${feature} -1` };
    picture.append(shape("text", place, cut(name, Math.floor((names - 6) / CHARACTER))));
    for (const [time, { psi, drifted }] of times.entries()) {
      const isDrifted = drifted[feature] === true;
      const drawn = shape("rect", {
        x: names + time * cell,
        y: row * ROW,
        width: Math.max(1, cell - (cell > 4 ? 1 : 0)),
        height: ROW - 1,
        class: isDrifted ? "drifted" : "quiet",
        "fill-opacity": inkOf(psi[feature] ?? null, isDrifted),
        "data-cell": `${feature} ${time}`,
      });
      drawn.append(shape("title", {}, cellText(drift, { feature, time })));
      picture.append(drawn);
    }
  }
  picture.append(shape("text", { x: names, y: height + 15 }, moment(start)));
  if (whole - names > 260) picture.append(shape("text", { x: whole, y: height + 15, "text-anchor": "end" }, moment(end)));
  const row = shown.indexOf(chosen.feature);
  const [x, width] = chosen.time < 0 ? [names, whole - names] : [names + chosen.time * cell, Math.max(3, cell)];
  if (row >= 0) picture.append(shape("rect", { class: "chosen", x: x + 0.5, y: row * ROW + 0.5, width: width - 1, height: ROW - 2 }));
  return picture;
}

function cut(name: string, most: number): string {
  const characters = Array.from(name);
  return characters.length <= most ? name : `${characters.slice(0, most - 1).join("")}…`;
}
