import { referenceHash, type Reference } from "@streamgauge/core";
import type { Command } from "commander";
import { driftsOf, type FeatureDrift } from "./feature-drift.js";
import { sampledRows } from "./sampled-rows.js";
import { withModel } from "./with-model.js";

/** `streamgauge drift`: whether rows still look like those that a model was made with. */
export function addDriftCommand(program: Command): void {
  program
    .command("drift")
    .description("compare the rows of a CSV file with a model's reference, feature by feature; exits 1 if one of them has drifted")
    .argument("<model>", "the ONNX file, with a reference inside or beside it")
    .argument("<data>", "CSV file with a header and the model's features")
    .option("--json", "print one JSON object")
    .action((path: string, data: string, { json }: { readonly json?: boolean }) =>
      withModel(path, data, async (model) => {
        const { reference } = model;
        if (reference === undefined) {
          process.stderr.write(
            `${path} has no reference: write one with streamgauge reference ${path} DATA.csv, from the rows that the model was fitted on.\n`,
          );
          process.exitCode = 1;
          return;
        }
        const { columns, yPred } = await sampledRows(model, data);
        const drifts = driftsOf(reference, columns, yPred);
        process.stdout.write(
          json === true ? `${JSON.stringify(asJson(reference, yPred.length, drifts))}\n` : asText(reference, yPred.length, drifts),
        );
        if (drifts.some(({ drifted }) => drifted)) process.exitCode = 1;
      }),
    );
}

function asJson(reference: Reference, rows: number, drifts: readonly FeatureDrift[]) {
  return { reference: { rows: reference.rows, sha256: referenceHash(reference) }, rows, features: drifts };
}

function asText(reference: Reference, rows: number, drifts: readonly FeatureDrift[]): string {
  const table = [
    ["", "PSI", "by chance", "JS", "moved, sd", "unseen"],
    ...drifts
      .toSorted((one, other) => other.psi - one.psi)
      .map(({ name, psi, noise, js, wasserstein, unseen, drifted }) => [
        `${drifted ? "*" : " "} ${name}`,
        psi.toFixed(4),
        noise.toFixed(4),
        js.toFixed(4),
        wasserstein?.toFixed(3) ?? "",
        unseen === undefined ? "" : String(unseen),
      ]),
  ];
  const widths = table[0]?.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0))) ?? [];
  const lines = table.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
  const drifted = drifts.filter((drift) => drift.drifted).map(({ name }) => name);
  const verdict = drifted.length === 0 ? "Nothing has drifted." : `Drifted (*): ${drifted.join(", ")}.`;
  const about = `${rows.toLocaleString("en")} rows beside the ${reference.rows.toLocaleString("en")} of the reference ${referenceHash(reference)}.`;
  return `${lines.join("\n")}\n\n${about} ${verdict}\n`;
}
