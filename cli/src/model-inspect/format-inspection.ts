import { referenceHash, type Reference } from "@streamgauge/core";
import { describeValue, type ModelInspection, type ServedAs } from "@streamgauge/model";

/** The longest metadata value or list on a line, in characters. */
const MAX_TEXT = 160;

/** @returns an inspection as text for a terminal. Ends with a line break. */
export function formatInspection(inspection: ModelInspection): string {
  const { path, bytes, producer, irVersion, opsets, inputs, outputs, operators, metadata, besides, served, refusal } = inspection;
  const sets = Object.entries(opsets).map(([domain, version]) => `${domain} ${version}`);
  const lines = [
    ["File", `${path}, ${bytes.toLocaleString("en")} bytes`],
    ...besides.map((beside) => ["", `with ${beside}`]),
    ["Producer", producer === "" ? "not named" : producer],
    ["Format", `IR ${irVersion}, operator sets ${sets.join(", ")}`],
    ["Operators", short(operators.map(([operator, count]) => (count === 1 ? operator : `${operator} ×${count}`)).join(", "))],
    ...named("Inputs", inputs.map(describeValue)),
    ...named("Outputs", outputs.map(describeValue)),
    ...named(
      "Metadata",
      Object.entries(metadata).map(([key, value]) => short(`${key}: ${value}`)),
    ),
    ["", ""],
    ...(served === undefined ? [["Served", `no. ${refusal ?? ""}`]] : servedLines(served)),
  ];
  return lines.map(([title = "", text = ""]) => `${`${title.padEnd(11)}${text}`.trimEnd()}\n`).join("");
}

function servedLines({ name, version, target, targetUnit, heldOut, reference, features, notes, sample, latency }: ServedAs): string[][] {
  const unit = targetUnit === undefined ? "" : ` ${targetUnit}`;
  const row = features.map(
    (feature, at) => `${feature.name} = ${typeof sample.row[at] === "string" ? JSON.stringify(sample.row[at]) : sample.row[at]}`,
  );
  return [
    [
      "Served",
      `yes, as ${name}@${version}${target === undefined ? "" : `, predicting ${target}${targetUnit === undefined ? "" : ` in ${targetUnit}`}`}`,
    ],
    [
      "Features",
      `${features.length}: ${features.map(({ name: feature, kind }) => (kind === "number" ? feature : `${feature} (${kind})`)).join(", ")}`,
    ],
    ...(heldOut === undefined
      ? []
      : [
          [
            "Held out",
            `MAE ${figure(heldOut.mae)}${unit} on ${heldOut.rows.toLocaleString("en")} rows: what the alarm on the error measures by`,
          ],
        ]),
    ...(reference === undefined ? [] : [["Reference", referenceText(reference)]]),
    ...named("Notes", notes),
    ["Sample", short(row.join(", "))],
    ["", `y_pred = ${sample.yPred}${unit}`],
    ["", ""],
    ["Rows", "ms a call   µs a row"],
    ...latency.map(({ rows, milliseconds }) => [
      rows.toLocaleString("en"),
      `${figure(milliseconds).padStart(9)}${figure((1000 * milliseconds) / rows).padStart(11)}`,
    ]),
  ];
}

function referenceText(reference: Reference): string {
  const count = reference.rows.toLocaleString("en");
  const rows = reference.from === undefined ? `${count} rows` : `the first ${count} rows of this version`;
  const features = Object.keys(reference.features).length;
  return `${rows}, ${features} features, sha256 ${referenceHash(reference)}: what streamgauge drift compares with`;
}

/** Puts the title beside the first text. */
function named(title: string, texts: readonly string[]): string[][] {
  return texts.map((text, at) => [at === 0 ? title : "", text]);
}

function figure(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

function short(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
}
