/** What is shown where there is no figure. */
export const NONE = "–";

/** A figure to read: five digits are enough to watch, `GET /windows` has all. */
export function figure(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE;
  const rounded = Number(value.toPrecision(5));
  const size = Math.abs(rounded);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return signed(rounded.toExponential().replace("e+", "e"));
  return signed(rounded.toLocaleString("en", { maximumFractionDigits: 10 }));
}

/** A figure at an axis, where there is little room. */
export function axisFigure(value: number | null): string {
  const text = figure(value);
  return value === null || text.length <= 7 ? text : signed(Number(value.toPrecision(5)).toExponential().replace("e+", "e"));
}

/** A number with the minus sign of texts, as wide as a plus. */
function signed(text: string): string {
  return text.replaceAll("-", "−");
}

/** Why a figure is null although there are rows for it. */
export const OVERFLOW = "overflow";
/** What an overflow means. */
export const OVERFLOW_TEXT = "beyond the largest number, 1.8e308";

/** What has figures, of which some may be beyond the largest number. */
export interface WithFigures {
  readonly overflowed?: readonly string[];
}

/** A figure of a window, or of a sum of windows. */
export function figureOf<Name extends string>(of: WithFigures & Readonly<Record<Name, number | null>>, name: Name): string {
  return of[name] === null && of.overflowed?.includes(name) === true ? OVERFLOW : figure(of[name]);
}

/** A figure that is null only if it is beyond the largest number. */
export function figureOrOverflow(value: number | null): string {
  return value === null ? OVERFLOW : figure(value);
}

/** A whole number. */
export function count(value: number): string {
  return value.toLocaleString("en");
}

/** How many there are of something: "1 row", "2,000 rows". @param one - its name. */
export function counted(value: number, one: string): string {
  return `${count(value)} ${one}${value === 1 ? "" : "s"}`;
}

/** A share as percent; 99.96 % is not rounded to 100. */
export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return NONE;
  const shown = share < 1 ? Math.floor(share * 1_000) / 10 : share * 100;
  return `${shown.toFixed(1)} %`;
}

/** How a value differs from a reference: "+12 % on reference 40". */
export function comparison(value: number, reference: number): string {
  const said = `reference ${figure(reference)}`;
  const part = (value - reference) / reference;
  if (!Number.isFinite(part)) return said;
  if (part >= 9) return `${figure(Number((part + 1).toPrecision(3)))} times the ${said}`;
  const rounded = Math.round(part * 1_000) / 10;
  return `${rounded > 0 ? "+" : rounded < 0 ? "−" : "±"}${Math.abs(rounded).toLocaleString("en")} % on ${said}`;
}

/** Units, and from how many seconds on each is used. */
const UNITS = [
  [86_400, "d", 172_800],
  [3_600, "h", 7_200],
  [60, "min", 120],
  [1, "s", 1],
  [0.001, "ms", 0],
] as const;

/** Seconds in the unit that suits them. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NONE;
  const [length, unit] = UNITS.find(([, , least]) => seconds >= least) ?? [0.001, "ms"];
  return `${signed(Number((seconds / length).toPrecision(2)).toLocaleString("en"))} ${unit}`;
}

/** A moment in UTC: "2026-11-28 09:00". @param time - ms since 1970, or RFC 3339. */
export function moment(time: number | string): string {
  return new Date(time).toISOString().slice(0, 16).replace("T", " ");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Labels of a time axis, in UTC: hours, and the date where a day begins or comes first.
 *
 * @param times - s since 1970, ascending. @param step - s between them.
 */
export function axisLabels(times: readonly number[], step: number): string[] {
  return times.map((time, i) => {
    const date = new Date(time * 1_000);
    const day = `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
    if (step >= 86_400) return i === 0 || date.getUTCMonth() + date.getUTCDate() === 1 ? `${day}\n${date.getUTCFullYear()}` : day;
    const hour = date.toISOString().slice(11, step < 60 ? 19 : 16);
    return i === 0 || time % 86_400 === 0 ? `${hour}\n${day}` : hour;
  });
}
