import { chartOptions, renderChart } from "../chart-renderer.js";
import { noRowsChart } from "../no-rows-chart.js";
import { lineSample } from "../picture-key.js";
import { ORANGE } from "../picture-style.js";
import { logLines, type LogSummary } from "../log-summary.js";
import { densityChart } from "./density-chart.js";
import { binsAlong, gridOf, marginalsOf } from "./density-grid.js";
import { fitCells } from "./fit-cells.js";
import { PointDensity, type CountedPoints } from "./point-density.js";
import { outsideText } from "./outside-text.js";

const TITLE = "Predicted against actual";
const LINE = { colour: ORANGE, width: 4, dash: [14, 8] } as const;

/** Counts predictions (x) and labels (y) in cells that both share. */
export function newPairDensity(): PointDensity {
  return new PointDensity((predicted, actual) => {
    const cells = fitCells([...predicted, ...actual], actual);
    return { x: cells, y: cells };
  });
}

/**
 * Draws how many rows have which prediction and which label. Both axes show the same numbers, so that right predictions are on the diagonal.
 *
 * @returns a PNG; see `renderChart`. One that says what to do when no row is logged yet.
 */
export function drawPredictedVsActual(points: CountedPoints, summary: LogSummary): Buffer {
  if (points.count === 0) return renderChart(noRowsChart(chartOptions({ title: TITLE, lines: logLines(summary), below: 0 })));
  const grid = pairGrid(points);
  return renderChart(
    densityChart({
      title: TITLE,
      lines: [...logLines(summary), ...outsideText(grid.outside)],
      grid,
      x: "Predicted",
      y: "Actual",
      unit: summary.unit,
      overlaid: [
        {
          ...LINE,
          points: [
            [0, 0],
            [grid.x.bins, grid.y.bins],
          ],
        },
      ],
      key: [{ text: "Predicted = actual", paint: lineSample(LINE.colour, LINE.width, LINE.dash) }],
    }),
  );
}

/** The bins of the picture, the same in both directions. */
export function pairGrid(points: CountedPoints) {
  const { x, y } = marginalsOf(points);
  const both = new Map(x);
  for (const [cell, count] of y) both.set(cell, (both.get(cell) ?? 0) + count);
  const axis = binsAlong(points.x, both, points);
  return gridOf(points, axis, axis);
}
