import { driftSpell, type ColumnDrift, type DriftReport, type DriftSpell } from "@streamgauge/core";
import { lengthOf } from "@streamgauge/core/windows";

/** What a table of drift shows of a feature. */
export type ShownDrift = Pick<ColumnDrift, "name" | "psi" | "noise" | "js" | "drifted"> & {
  readonly wasserstein?: number | null;
  readonly unseen?: number | null;
};

/** Hours that are listed, the latest. */
const MOST_HOURS = 24;
const HOUR_MS = lengthOf("1h");

/** A line for each feature, the one that has moved most first. */
export function driftTable(drifts: readonly ShownDrift[]): string {
  return linesOf([
    ["", "PSI", "by chance", "JS", "moved, sd", "unseen"],
    ...drifts
      .toSorted((one, other) => other.psi - one.psi)
      .map(({ name, psi, noise, js, wasserstein, unseen, drifted }) => [
        `${drifted ? "*" : " "} ${name}`,
        psi.toFixed(4),
        noise.toFixed(4),
        js.toFixed(4),
        wasserstein?.toFixed(3) ?? "",
        unseen?.toString() ?? "",
      ]),
  ]);
}

/** Which features have drifted, in a sentence. */
export function verdictOf(drifts: readonly ShownDrift[]): string {
  const drifted = drifts.filter((drift) => drift.drifted).map(({ name }) => name);
  return drifted.length === 0 ? "Nothing has drifted." : `Drifted (*): ${drifted.join(", ")}.`;
}

/** The drift of the rows that were predicted, for people: the hours with drift, since when, then all hours together. */
export function driftText({ model, reference, hours, total }: DriftReport): string {
  const parts = [hoursText(hours), sinceText(hours, total.features), driftTable(total.features), unseenText(total.features)].filter(
    (part) => part !== "",
  );
  const rows = `${total.rows.toLocaleString("en")} rows of ${model === "" ? "the model" : model} in ${counted(hours.length, "hour")}`;
  const count = reference.rows.toLocaleString("en");
  const beside =
    reference.from === undefined
      ? `beside the ${count} of the reference ${reference.sha256}`
      : `beside the first ${count} rows of this version, its reference ${reference.sha256}`;
  return `${parts.join("\n\n")}\n\n${rows} ${beside}. All hours together: ${verdictOf(total.features)}\n`;
}

function hoursText(hours: DriftReport["hours"]): string {
  const withDrift = hours.filter(({ features }) => features.some(({ drifted }) => drifted));
  const shown = withDrift.slice(-MOST_HOURS);
  if (shown.length === 0) return "No hour has drift.";
  const lines = shown.map(({ start, rows, features }) => {
    const drifted = features.filter((feature) => feature.drifted).toSorted((one, other) => other.psi - one.psi);
    return [momentOf(start), rows.toLocaleString("en"), drifted.map(({ name, psi }) => `${name} ${psi.toFixed(2)}`).join(", ")];
  });
  const more =
    withDrift.length > shown.length
      ? `\n(${counted(withDrift.length - shown.length, "earlier hour")} with drift: --to '${lines[0]?.[0]}' lists the latest of them, --json all.)`
      : "";
  return linesOf([["hour (UTC)", "rows", "PSI of what has drifted"], ...lines], [2]) + more;
}

/** Since when each feature has drifted, or when it did so longest; those that still do first, in the order of the table below. */
function sinceText(hours: DriftReport["hours"], features: readonly ShownDrift[]): string {
  const spells = features.flatMap(({ name, psi }, column) => {
    const flags = hours.map((hour) => hour.features[column]?.drifted ?? false);
    const spell = driftSpell(flags);
    return spell === undefined ? [] : [{ name, psi, spell, flags }];
  });
  return spells
    .toSorted((one, other) => Number(other.spell.isLasting) - Number(one.spell.isLasting) || other.psi - one.psi)
    .map(({ name, spell, flags }) => `${name}: ${spellText(hours, spell, flags)}`)
    .join("\n");
}

/** @param flags - whether the feature drifted in each hour. */
function spellText(
  hours: DriftReport["hours"],
  { first, last, isLasting, drifted: inSpell }: DriftSpell,
  flags: readonly boolean[],
): string {
  const startOf = (hour: number) => hours[hour]?.start ?? "";
  const from = momentOf(startOf(first));
  if (isLasting) return `since ${from} (${inSpell} of the ${counted(last - first + 1, "hour")} since)`;
  // Hours without rows may follow.
  const to = momentOf(new Date(Date.parse(startOf(last)) + HOUR_MS).toISOString());
  const drifted = flags.filter(Boolean).length;
  const latest = flags.lastIndexOf(true);
  const after = latest === last ? "not since" : `last at ${momentOf(startOf(latest))}`;
  return `${drifted > inSpell ? "longest " : ""}from ${from} to ${to}, ${after} (${drifted} of all ${counted(hours.length, "hour")})`;
}

function momentOf(start: string): string {
  return start.slice(0, 16).replace("T", " ");
}

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function unseenText(features: DriftReport["total"]["features"]): string {
  return features
    .filter(({ unseen_names: names }) => names.length > 0)
    .map(({ name, unseen_names: names }) => `Unseen texts of ${name}: ${names.map((each) => `${each.name} (${each.count})`).join(", ")}.`)
    .join("\n");
}

/** @param left - columns that begin at the left, besides the first. */
function linesOf(table: readonly (readonly string[])[], left: readonly number[] = []): string {
  const widths = table[0]?.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0))) ?? [];
  const padded = (cell: string, at: number) =>
    at === 0 || left.includes(at) ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
  return table.map((row) => row.map(padded).join("  ").trimEnd()).join("\n");
}
