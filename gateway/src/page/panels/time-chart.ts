import type UPlot from "uplot";
import type { WindowJson } from "@streamgauge/core/windows";
import { withAttributes } from "../dom.js";
import { axisLabels, moment } from "../format.js";
import { drawingScale, onLookChange } from "../look.js";
import { multiplesWithin, stepsFor } from "./points.js";
import { provisionalRanges, shownTimes, valuesShown, valueText, type Mark, type Series } from "./series.js";
import { chartText } from "./window-table.js";

// The library's script defines it before this module runs.
declare const uPlot: typeof UPlot;

/** One line of a chart. */
export interface Line {
  readonly title: string;
  /** Of the figure, as in the JSON of a window. */
  readonly name: string;
  /** The custom property of the style sheet that has its colour. */
  readonly colour: string;
  readonly dashed?: boolean;
  /** Ends, with the other one of this kind, a box over each window; without a line of its own. */
  readonly bound?: boolean;
}

export interface ChartOptions {
  readonly height: number;
  readonly lines: readonly Line[];
  readonly textOf: (value: number | null) => string;
  /** The model version whose figures they are; default: all. */
  readonly model?: string;
  /** A value to compare with: a line over all windows. */
  readonly reference?: number | null;
  /** What that value is called; default: reference. */
  readonly referenceTitle?: string;
  /** Bounds of the axis of values; default: those of the values. */
  readonly from?: number;
  readonly to?: number;
}

/** What a chart shows. */
export interface ChartData {
  readonly series: Series;
  readonly windows: readonly WindowJson[];
  readonly marks: readonly Mark[];
}

const MARK_COLOURS = { alarm: "--bad", model: "--swap", correction: "--corrected" } as const satisfies Record<Mark["kind"], string>;

/** The most points that are drawn as such, beside the line. */
const MOST_POINTS = 100;

/** A chart of figures over time, which is read with pointer, touch or the arrow keys. */
export class TimeChart {
  readonly #place: HTMLElement;
  #options: ChartOptions;
  #data: ChartData | undefined;
  #plot: UPlot | undefined;
  /** How many times as large it is drawn as it is shown, and dots of the canvas to a pixel of that. */
  #scale = 1;
  #dots = devicePixelRatio;

  constructor(place: HTMLElement, options: ChartOptions) {
    this.#place = place;
    this.#options = options;
    place.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.#resize()).observe(place);
    onLookChange(() => this.#draw());
  }

  show(data: ChartData, options: ChartOptions = this.#options): void {
    const isOther = JSON.stringify(options.lines) !== JSON.stringify(this.#options.lines);
    this.#data = data;
    this.#options = options;
    if (this.#plot === undefined || isOther) this.#draw();
    else this.#plot.setData(aligned(data.series));
    this.#showLatest();
  }

  #draw(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
    if (this.#data === undefined || this.#place.clientWidth === 0) return;
    this.#scale = drawingScale();
    this.#dots = this.#scale * devicePixelRatio;
    this.#plot = new uPlot(this.#settings(), aligned(this.#data.series), this.#place);
    this.#showLatest();
  }

  /** The legend has the latest window, unless the cursor is at another. */
  #showLatest(): void {
    const last = (this.#data?.series.times.length ?? 0) - 1;
    if (this.#plot !== undefined && last >= 0 && typeof this.#plot.cursor.idx !== "number") this.#plot.setLegend({ idx: last });
  }

  #resize(): void {
    const width = this.#place.clientWidth;
    if (this.#plot === undefined) this.#draw();
    else if (width > 0 && width * this.#scale !== this.#plot.width)
      this.#plot.setSize({ width: width * this.#scale, height: this.#options.height * this.#scale });
  }

  /** Moves the cursor from window to window. */
  #onKey(event: KeyboardEvent): void {
    const plot = this.#plot;
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (plot === undefined || step === 0) return;
    event.preventDefault();
    const [times] = plot.data;
    const at = Math.min(Math.max((plot.cursor.idx ?? (step > 0 ? -1 : times.length)) + step, 0), times.length - 1);
    plot.setCursor({ left: plot.valToPos(times[at] ?? 0, "x"), top: plot.bbox.height / devicePixelRatio / 2 });
  }

  #colour(name: string): string {
    return getComputedStyle(this.#place).getPropertyValue(name).trim();
  }

  #settings(): UPlot.Options {
    const { height, from, to } = this.#options;
    const [ink, grid] = [this.#colour("--soft"), this.#colour("--line")];
    const scale = this.#scale;
    const axis = {
      stroke: ink,
      grid: { stroke: grid, width: scale },
      ticks: { stroke: grid, width: scale, size: 10 * scale },
      font: `${12 * scale}px system-ui, sans-serif`,
      gap: 5 * scale,
    };
    return {
      width: this.#place.clientWidth * scale,
      height: height * scale,
      // Room for the halves of labels that stand at the ends of the axes.
      padding: [17 * scale, 25 * scale, 0, 0],
      scales: {
        x: { time: true, range: (_, least, greatest) => this.#timesShown() ?? [least, greatest] },
        y: { range: (_, least, greatest) => valuesShown(...this.#withReference(least, greatest), from, to) },
      },
      tzDate: (time) => uPlot.tzDate(new Date(time * 1_000), "Etc/UTC"),
      axes: [
        { ...axis, space: 64 * scale, size: 50 * scale, values: (_, times, __, ___, step) => axisLabels(times, step) },
        {
          ...axis,
          space: 30 * scale,
          // The library's own steps end at 1e32.
          incrs: (_, __, least, greatest) => stepsFor(least, greatest),
          splits: (_, __, least, greatest, step) => multiplesWithin(least, greatest, step),
          size: (_, values) => scale * (24 + 7 * Math.max(4, ...(values ?? []).map(({ length }) => length))),
          values: (_, values) => values.map((value) => this.#options.textOf(value)),
        },
      ],
      series: [{ label: "Window (UTC)", value: (_, time) => this.#windowText(time) }, ...this.#lines()],
      cursor: { y: false, drag: { setScale: false, x: false, y: false } },
      hooks: {
        drawClear: [(plot) => this.#shade(plot), (plot) => this.#boxes(plot)],
        draw: [(plot) => this.#refer(plot), (plot) => this.#mark(plot)],
        setCursor: [() => this.#showLatest()],
      },
    };
  }

  #lines(): UPlot.Series[] {
    const few = (this.#data?.series.times.length ?? 0) <= MOST_POINTS;
    const scale = this.#scale;
    return this.#options.lines.map(({ title, name, colour, dashed = false, bound = false }) => ({
      label: title,
      stroke: bound ? "transparent" : this.#colour(colour),
      width: bound ? 0 : 2 * scale,
      ...(dashed ? { dash: [6 * scale, 4 * scale] } : {}),
      points: { show: !bound && few, size: (dashed ? 5 : 7) * scale, fill: this.#colour(dashed ? "--panel" : colour) },
      value: (_: UPlot, value: number | null, __: number, at: number | null) => this.#valueText(value, name, at),
    }));
  }

  #withReference(least: number | null, greatest: number | null): [number | null, number | null] {
    const { reference = null } = this.#options;
    if (reference === null || least === null || greatest === null) return [least, greatest];
    return [Math.min(least, reference), Math.max(greatest, reference)];
  }

  #timesShown(): [number, number] | undefined {
    const shown = shownTimes(this.#data?.windows ?? []);
    return shown === undefined ? undefined : [...shown];
  }

  /** @param at - the index of the window. */
  #valueText(value: number | null, name: string, at: number | null): string {
    const { model = "", textOf } = this.#options;
    return valueText(value, { window: at === null ? undefined : this.#data?.series.windows[at], name, model }, textOf);
  }

  #windowText(time: number | null): string {
    const { series } = this.#data ?? {};
    const window = time === null ? undefined : series?.windows[series.times.indexOf(time)];
    return window === undefined ? "–" : `${moment(window.start)}, ${window.state}`;
  }

  /** Hatches the times whose figures may still change: to be seen without colour too. */
  #shade(plot: UPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const range of provisionalRanges(this.#data?.windows ?? [])) {
      const [left, right] = range.map((time) => plot.valToPos(time, "x", true));
      if (left === undefined || right === undefined) continue;
      ctx.fillStyle = this.#colour("--provisional");
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
      hatch(ctx, { colour: this.#colour("--hatch"), left, right, dots: this.#dots }, bbox);
    }
    ctx.restore();
  }

  /** A box over each window from one bound to the other: to be seen of a single window too. */
  #boxes(plot: UPlot): void {
    const { ctx } = plot;
    const [low, high] = this.#options.lines.flatMap(({ bound = false }, i) => (bound ? [plot.data[i + 1]] : []));
    if (low === undefined || high === undefined) return;
    ctx.save();
    ctx.fillStyle = this.#colour("--estimate-area");
    for (const [i, window] of (this.#data?.series.windows ?? []).entries()) {
      const [from, to] = [low[i], high[i]];
      if (window === undefined || typeof from !== "number" || typeof to !== "number") continue;
      const [left = 0, right = 0] = [window.start, window.end].map((time) => plot.valToPos(Date.parse(time) / 1_000, "x", true));
      const [top, bottom] = [plot.valToPos(to, "y", true), plot.valToPos(from, "y", true)];
      ctx.fillRect(left, top, Math.max(this.#dots, right - left), Math.max(this.#dots, bottom - top));
    }
    ctx.restore();
  }

  #refer(plot: UPlot): void {
    const { reference = null, referenceTitle = "reference" } = this.#options;
    if (reference === null || this.#data?.series.times.length === 0) return;
    const { ctx, bbox } = plot;
    const y = plot.valToPos(reference, "y", true);
    ctx.save();
    ctx.strokeStyle = ctx.fillStyle = this.#colour("--soft");
    ctx.lineWidth = 1.5 * this.#dots;
    ctx.setLineDash([2 * this.#dots, 3 * this.#dots]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${12 * this.#dots}px system-ui, sans-serif`;
    ctx.textAlign = "right";
    ctx.textBaseline = "bottom";
    const place = [
      `${referenceTitle} ${this.#options.textOf(reference)}`,
      bbox.left + bbox.width - 6 * this.#dots,
      y - 2 * this.#dots,
    ] as const;
    // A rim in the colour of the ground keeps it legible above lines.
    ctx.setLineDash([]);
    ctx.lineWidth = 4 * this.#dots;
    ctx.strokeStyle = this.#colour("--panel");
    ctx.strokeText(...place);
    ctx.fillText(...place);
    ctx.restore();
  }

  #mark(plot: UPlot): void {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.lineWidth = 1.5 * this.#dots;
    for (const { time, kind, isRepeated } of this.#data?.marks ?? []) {
      const x = plot.valToPos(time, "x", true);
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      ctx.strokeStyle = ctx.fillStyle = this.#colour(MARK_COLOURS[kind]);
      const size = 6 * this.#dots;
      if (kind === "correction") {
        diamond(ctx, x, bbox.top + bbox.height - size, size);
        continue;
      }
      ctx.setLineDash(kind === "alarm" ? [] : [4 * this.#dots, 4 * this.#dots]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      // The lines of an alarm that goes on would hide the figures.
      if (!isRepeated) ctx.stroke();
      head(ctx, kind, x, bbox.top, size);
    }
    ctx.restore();
  }
}

/** The columns as uPlot takes them. */
function aligned({ times, columns }: Series): UPlot.AlignedData {
  return [[...times], ...columns.map((column) => [...column])];
}

interface Hatching {
  readonly colour: string;
  readonly left: number;
  readonly right: number;
  /** Of the canvas, to a pixel. */
  readonly dots: number;
}

function hatch(ctx: CanvasRenderingContext2D, { colour, left, right, dots }: Hatching, { top, height }: UPlot.BBox): void {
  const gap = 8 * dots;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, right - left, height);
  ctx.clip();
  ctx.strokeStyle = colour;
  ctx.lineWidth = dots;
  ctx.beginPath();
  for (let x = Math.floor((left - height) / gap) * gap; x < right; x += gap) {
    ctx.moveTo(x, top + height);
    ctx.lineTo(x + height, top);
  }
  ctx.stroke();
  ctx.restore();
}

/** A triangle for an alarm, a circle for a model: told apart by their form. */
function head(ctx: CanvasRenderingContext2D, kind: Mark["kind"], x: number, top: number, size: number): void {
  ctx.beginPath();
  if (kind === "model") ctx.arc(x, top + size, size * 0.8, 0, 2 * Math.PI);
  else {
    ctx.moveTo(x, top);
    ctx.lineTo(x + size, top + 2 * size);
    ctx.lineTo(x - size, top + 2 * size);
    ctx.closePath();
  }
  ctx.fill();
}

/** At the foot of the chart, because many windows may have one. */
function diamond(ctx: CanvasRenderingContext2D, x: number, y: number, size: number): void {
  ctx.beginPath();
  ctx.moveTo(x, y - size);
  ctx.lineTo(x + size * 0.8, y);
  ctx.lineTo(x, y + size);
  ctx.lineTo(x - size * 0.8, y);
  ctx.closePath();
  ctx.fill();
}

/** Says what a chart shows to those who do not see it. @param place - of the chart. @param name - of the values. */
export function describeChart(
  place: HTMLElement,
  name: string,
  values: readonly (number | null)[] = [],
  textOf: (value: number | null) => string,
): void {
  withAttributes(place, { "aria-label": chartText(name, values, textOf) });
}
