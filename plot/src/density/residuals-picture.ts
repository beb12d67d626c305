import { chartOptions, renderChart } from "../chart-renderer.js";
import { noRowsChart } from "../no-rows-chart.js";
import { lineSample } from "../picture-key.js";
import { INK, ORANGE } from "../picture-style.js";
import { logLines, type LogSummary } from "../log-summary.js";
import { densityChart } from "./density-chart.js";
import { binsAlong, gridOf, marginalsOf, positionOf } from "./density-grid.js";
import { fitCells, fitCellsAroundZero } from "./fit-cells.js";
import type { OverlaidLine } from "./density-layer.js";
import { PointDensity, type CountedPoints } from "./point-density.js";
import { outsideText } from "./outside-text.js";
import { residualBands, type ResidualBand } from "./residual-bands.js";

const TITLE = "Residuals";
const ZERO = { colour: INK, width: 2, dash: [] } as const;
const MEDIAN = { colour: ORANGE, width: 5, dash: [] } as const;
const QUANTILE = { colour: ORANGE, width: 3, dash: [8, 6] } as const;

/** Counts predictions (x) and errors e = y_pred − y_true (y). */
export function newResidualDensity(): PointDensity {
  return new PointDensity((predicted, errors) => ({ x: fitCells(predicted, predicted), y: fitCellsAroundZero(errors) }));
}

/**
 * Draws how many rows have which prediction and which error, with the median of the errors and the range of the middle 80 % by prediction.
 *
 * @returns a PNG; see `renderChart`. One that says what to do when no row is logged yet.
 */
export function drawResiduals(points: CountedPoints, summary: LogSummary): Buffer {
  if (points.count === 0) return renderChart(noRowsChart(chartOptions({ title: TITLE, lines: logLines(summary), below: 0 })));
  const grid = residualGrid(points);
  const bands = residualBands(points, grid.x, grid.y);
  const zero = positionOf(grid.y, 0);
  return renderChart(
    densityChart({
      title: TITLE,
      lines: [...logLines(summary), ...outsideText(grid.outside)],
      grid,
      x: "Predicted",
      y: "Predicted − actual",
      unit: summary.unit,
      overlaid: [
        {
          ...ZERO,
          points: [
            [0, zero],
            [grid.x.bins, zero],
          ],
        },
        ...(["low", "high"] as const).map((of) => ({ ...QUANTILE, points: through(bands, of) })),
        { ...MEDIAN, points: through(bands, "median") },
      ],
      key: [
        { text: "No error", paint: lineSample(ZERO.colour, ZERO.width, ZERO.dash) },
        ...(bands.length === 0
          ? []
          : [
              { text: "Median", paint: lineSample(MEDIAN.colour, MEDIAN.width, MEDIAN.dash) },
              { text: "Middle 80 %", paint: lineSample(QUANTILE.colour, QUANTILE.width, QUANTILE.dash) },
            ]),
      ],
    }),
  );
}

/** The bins of the picture; zero is always within. */
export function residualGrid(points: CountedPoints) {
  const { x, y } = marginalsOf(points);
  const alongY = binsAlong(points.y, y, points, ({ low, high }) => ({ low: Math.min(low, 0), high: Math.max(high, 0) }));
  return gridOf(points, binsAlong(points.x, x, points), alongY);
}

/** Steps through the bands, interrupted if one is missing. */
function through(bands: readonly ResidualBand[], of: "low" | "median" | "high"): OverlaidLine["points"] {
  return bands.flatMap((band, i) => {
    const isApart = i > 0 && bands[i - 1]?.to !== band.from;
    const step: OverlaidLine["points"] = [
      [band.from, band[of]],
      [band.to, band[of]],
    ];
    return isApart ? [[Number.NaN, Number.NaN] as const, ...step] : step;
  });
}
