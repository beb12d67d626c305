import { GlobalFonts } from "@napi-rs/canvas";
import type { ChartConfiguration, Plugin } from "chart.js";
import { ChartJSNodeCanvas } from "chartjs-node-canvas";
import { builtFile } from "@streamgauge/testing";
import type { Machine } from "../system/machine.js";
import { figureOf, shareOfCeiling, type CaseResult } from "./case-result.js";

const WIDTH = 1_200;
const HEIGHT = { around: 230, perCase: 64 };
const PIXELS_PER_POINT = 1.5;
const INK = "#1f2933";
const QUIET_INK = "#4a5560";
// Okabe and Ito's blue, which colour-blind readers tell from grey.
const PAIRS = "#0072b2";
const CEILING = "#d5d9de";
const FONT = "Streamgauge Bench";
/** Room for the figures right of the longest bar. */
const ROOM = 1.45;

/** One bar: a case, its rate, and what the broker alone allowed. */
interface Bar {
  readonly name: string;
  readonly pairs: number;
  readonly ceiling: number;
  /** Of the ceiling, as the table has it; undefined if that was not measured. */
  readonly share: number | undefined;
}

/** A PNG with a bar for each throughput case, the ceiling behind it. */
export function throughputPicture({ cpu, cores, node, rabbitmq }: Machine, results: readonly CaseResult[]): Buffer {
  const bars = results.map((result) => ({
    name: result.name,
    pairs: figureOf(result, "pairsPerSecond")?.median ?? 0,
    ceiling: figureOf(result, "ceilingPairsPerSecond")?.median ?? 0,
    share: shareOfCeiling(result)?.median,
  }));
  const shown = bars.filter(({ pairs }) => pairs > 0);
  for (const file of ["Inter-Regular.ttf", "Inter-SemiBold.ttf"]) GlobalFonts.registerFromPath(builtFile(`plot/assets/${file}`), FONT);
  const canvas = new ChartJSNodeCanvas({
    width: WIDTH,
    height: HEIGHT.around + HEIGHT.perCase * shown.length,
    backgroundColour: "#ffffff",
    chartCallback: ({ defaults }) => {
      defaults.font.family = `${FONT}, sans-serif`;
      defaults.font.size = 24;
      defaults.color = INK;
    },
  });
  return canvas.renderToBufferSync(chartOf(shown, `${cpu}, ${cores} cores, Node ${node}, RabbitMQ ${rabbitmq} on the same machine`));
}

function chartOf(bars: readonly Bar[], machine: string): ChartConfiguration<"bar"> {
  const longest = Math.max(...bars.map(({ pairs, ceiling }) => Math.max(pairs, ceiling)), 1);
  return {
    type: "bar",
    data: {
      labels: bars.map(({ name }) => name),
      datasets: [
        { label: "Pairs logged", data: bars.map(({ pairs }) => pairs), backgroundColor: PAIRS, grouped: false, barPercentage: 0.5 },
        {
          label: "Ceiling: the same messages, nothing else done",
          data: bars.map(({ ceiling }) => ceiling),
          backgroundColor: CEILING,
          grouped: false,
          barPercentage: 0.9,
        },
      ],
    },
    options: {
      indexAxis: "y",
      devicePixelRatio: PIXELS_PER_POINT,
      layout: { padding: 28 },
      plugins: {
        legend: { position: "bottom", align: "start", labels: { boxWidth: 28, padding: 20 } },
        tooltip: { enabled: false },
        title: { display: true, text: "Pairs logged a second", align: "start", font: { size: 36, weight: 600 } },
        subtitle: { display: true, text: machine, align: "start", color: QUIET_INK, font: { size: 20 }, padding: { bottom: 16 } },
      },
      scales: {
        x: { display: false, max: longest * ROOM },
        y: { grid: { display: false }, border: { display: false } },
      },
    },
    plugins: [figuresBeside(bars)],
  };
}

/** The rate and its share of the ceiling, at the end of each bar: a bar may be too short to be read from. */
function figuresBeside(bars: readonly Bar[]): Plugin<"bar"> {
  return {
    id: "figuresBeside",
    afterDatasetsDraw: ({ ctx, scales }) => {
      const { x, y } = scales;
      if (x === undefined || y === undefined) return;
      ctx.save();
      ctx.fillStyle = INK;
      ctx.textBaseline = "middle";
      ctx.font = `600 24px ${FONT}, sans-serif`;
      for (const [i, { pairs, ceiling, share }] of bars.entries()) {
        const percent = share === undefined ? "" : ` · ${Math.round(100 * share)} %`;
        ctx.fillText(
          `${Number(pairs.toPrecision(3)).toLocaleString("en")}${percent}`,
          x.getPixelForValue(Math.max(pairs, ceiling)) + 12,
          y.getPixelForValue(i),
        );
      }
      ctx.restore();
    },
  };
}
