import { createCanvas, loadImage } from "@napi-rs/canvas";
import type { ChartConfiguration } from "chart.js";
import { ChartJSNodeCanvas } from "chartjs-node-canvas";
import { LARGEST_NUMBER } from "@streamgauge/core";
import { emptyMessage } from "../empty-message.js";
import { PICTURE_FONT, registerPictureFont } from "../picture-font.js";
import { INK, MARGIN, PIXELS_PER_POINT, QUIET_INK, WIDTH } from "../picture-style.js";
import { countText, shortCountText, shorten, timeText, wrap } from "../picture-text.js";
import type { ComparedLanes } from "./compared-lanes.js";
import type { Decile } from "./comparison.js";
import { LEAST_ROWS } from "./confidence-sequence.js";
import { areEqual, differenceText, figureText, verdictText } from "./comparison-text.js";

const UPPER = 600;
const LOWER = 400;
const TEXT_SIZE = 26;
const TEXT_WIDTH = WIDTH - 3 * MARGIN;
const GRID = "#e3e7eb";
// Okabe and Ito's colours, which colour-blind readers tell apart.
const CHAMPION = "#0072b2";
const CHALLENGER = "#e69f00";
const BAND = "#8cc5e880";

const ruler = createCanvas(1, 1).getContext("2d");
const renderers = new Map<number, ChartJSNodeCanvas>();

/**
 * Draws how two lanes compare: above, the mean difference of their absolute errors and its confidence sequence by the number of
 * rows; below, their mean absolute errors by tenths of the true values.
 *
 * @returns a PNG of 1800 × 1500 pixels.
 */
export async function drawComparison(lanes: ComparedLanes): Promise<Buffer> {
  const canvas = createCanvas(WIDTH * PIXELS_PER_POINT, (UPPER + LOWER) * PIXELS_PER_POINT);
  const context = canvas.getContext("2d");
  const upper = await loadImage(
    rendererOf(UPPER).renderToBufferSync(lanes.difference === undefined || areEqual(lanes) ? emptyChart(lanes) : differenceChart(lanes)),
  );
  context.drawImage(upper, 0, 0);
  const lower = await loadImage(rendererOf(LOWER).renderToBufferSync(decileChart(lanes)));
  context.drawImage(lower, 0, UPPER * PIXELS_PER_POINT);
  return canvas.encode("png");
}

function rendererOf(height: number): ChartJSNodeCanvas {
  let renderer = renderers.get(height);
  if (renderer === undefined) {
    registerPictureFont();
    renderer = new ChartJSNodeCanvas({
      width: WIDTH,
      height,
      backgroundColour: "#ffffff",
      chartCallback: ({ defaults }) => {
        defaults.font.family = PICTURE_FONT;
        defaults.font.size = TEXT_SIZE;
        defaults.color = INK;
      },
    });
    renderers.set(height, renderer);
  }
  return renderer;
}

function differenceChart(lanes: ComparedLanes): ChartConfiguration {
  const { history } = lanes;
  const points = (of: "mean" | "lower" | "upper") => history.map((point) => ({ x: point.rows, y: point[of] }));
  const line = { pointRadius: 0, borderWidth: 0, fill: false } as const;
  return {
    type: "line",
    data: {
      datasets: [
        { ...line, data: points("lower") },
        { ...line, data: points("upper"), fill: "-1", backgroundColor: BAND },
        { ...line, data: points("mean"), borderWidth: 4, borderColor: INK },
        {
          ...line,
          data: [history[0], history.at(-1)].flatMap((point) => (point === undefined ? [] : [{ x: point.rows, y: 0 }])),
          borderWidth: 2,
          borderColor: QUIET_INK,
          borderDash: [8, 6],
        },
      ],
    },
    options: {
      ...sharedOptions(lanes),
      scales: {
        x: {
          type: "logarithmic",
          min: history[0]?.rows ?? 1,
          max: history.at(-1)?.rows ?? 1,
          title: { display: true, text: "Rows that both have logged" },
          ticks: { maxRotation: 0, autoSkip: true, maxTicksLimit: 8, callback: (value) => shortCountText(Number(value)) },
          grid: { drawOnChartArea: false },
        },
        y: {
          title: { display: true, text: "Gain in MAE" },
          ticks: { maxTicksLimit: 6 },
          grid: { color: GRID },
          border: { display: false },
        },
      },
    },
  };
}

function emptyChart(lanes: ComparedLanes): ChartConfiguration {
  const [headline, explanation] = whyEmpty(lanes);
  return {
    type: "bar",
    data: { datasets: [] },
    options: { ...sharedOptions(lanes), scales: { x: { display: false }, y: { display: false } } },
    plugins: [emptyMessage(headline, [explanation], INK)],
  };
}

function whyEmpty(lanes: ComparedLanes): readonly [headline: string, explanation: string] {
  if (areEqual(lanes)) return ["No difference", "Both lanes have the same error on every row that both have logged."];
  if (lanes.rows >= LEAST_ROWS)
    return ["The errors are too large to compare", `They, or their squares, are beyond ${LARGEST_NUMBER}, the largest number.`];
  return [
    "Too few rows to compare",
    `From ${LEAST_ROWS} rows on that both lanes have logged, their difference and how sure it is are shown.`,
  ];
}

function decileChart({ deciles, champion, challenger, unit }: ComparedLanes): ChartConfiguration {
  const bars = (name: string, colour: string, of: (decile: Decile) => number) => ({
    label: name,
    // A value beyond the largest double has no height; the figures above state it.
    data: deciles.map(of).map((value) => (Number.isFinite(value) ? value : null)),
    backgroundColor: colour,
    barPercentage: 0.9,
    categoryPercentage: 0.75,
  });
  return {
    type: "bar",
    data: {
      labels: deciles.map(({ from, to }) => `${figureText(from)}–${figureText(to)}`),
      datasets: [bars(champion, CHAMPION, (decile) => decile.championMae), bars(challenger, CHALLENGER, (decile) => decile.challengerMae)],
    },
    options: {
      devicePixelRatio: PIXELS_PER_POINT,
      animation: false,
      layout: { padding: { left: MARGIN, right: MARGIN + 16, top: 0, bottom: MARGIN } },
      plugins: {
        tooltip: { enabled: false },
        // At the end, since the uppermost number of the axis is at the start.
        legend: { position: "top", align: "end", labels: { boxWidth: 30 } },
      },
      scales: {
        x: {
          title: { display: true, text: shorten(`Tenths of the true values${unit === "" ? "" : `, ${unit}`}`, TEXT_WIDTH, textWidth) },
          ticks: { maxRotation: 0, autoSkip: false, font: { size: 18 } },
          grid: { display: false },
        },
        y: {
          beginAtZero: true,
          title: { display: true, text: "MAE" },
          ticks: { maxTicksLimit: 5 },
          grid: { color: GRID },
          border: { display: false },
        },
      },
    },
  };
}

function sharedOptions(lanes: ComparedLanes): NonNullable<ChartConfiguration["options"]> {
  const { rows, missed, won, lost, championMae, challengerMae, champion, challenger, time } = lanes;
  const lines = [
    [`${countText(rows)} rows of both`, `${countText(missed)} missed by ${challenger}`, timeText(time)].join(" · "),
    ...(rows === 0
      ? []
      : [
          `MAE ${champion} ${figureText(championMae)}, ${challenger} ${figureText(challengerMae)} · ${challenger} closer on ${countText(won)}, ${champion} on ${countText(lost)}`,
          differenceText(lanes),
        ]),
  ].flatMap((line) => wrap(line, TEXT_WIDTH, textWidth));
  return {
    devicePixelRatio: PIXELS_PER_POINT,
    animation: false,
    layout: { padding: { left: MARGIN, right: MARGIN + 16, top: MARGIN, bottom: MARGIN } },
    plugins: {
      legend: { display: false },
      tooltip: { enabled: false },
      title: { display: true, text: verdictText(lanes), align: "start", font: { size: 38, weight: 600 }, padding: { bottom: 8 } },
      subtitle: { display: true, text: lines, align: "start", color: QUIET_INK, font: { lineHeight: 1.3 }, padding: { bottom: 16 } },
    },
  };
}

function textWidth(text: string): number {
  ruler.font = `${TEXT_SIZE}px ${PICTURE_FONT}`;
  return ruler.measureText(text).width;
}
