import type { FeatureKind, FeatureValues } from "./feature-kind.js";
import type { LoadedModel } from "./loaded-model.js";
import { ModelError } from "./model-error.js";
import type { SampleRow } from "./sample-rows.js";

/** Enough rows to warm what a model does for many at once. */
const MANY = 256;
/** How far the answers to the same row may differ between calls, beside the rounding of float32. */
const TOLERANCE = 1e-3;

/**
 * Runs a model before the first real row: it allocates then, and what cannot work is found at the start. A model that
 * fails on many rows at once, or then gives other answers than for each of them alone, is set to score them one by one.
 *
 * @param path - for the message only.
 * @param candidates - rows that the model should be able to answer, the likeliest first.
 * @throws ModelError when the model fails, or its answer is not finite, for all of them.
 */
export async function warmUp(path: string, model: LoadedModel, candidates: readonly SampleRow[]): Promise<void> {
  const row = await answeredRow(path, model, candidates);
  model.learnSample(row);
  if (model.callRows !== undefined) return;
  try {
    await model.predict(
      MANY,
      columnsOf(
        model.kinds,
        Array.from({ length: MANY }, () => row),
      ),
    );
    if (await answersEachAlone(model, row)) return;
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    model.scoreOneByOne("it fails on several rows at once: they are scored one after another");
    return;
  }
  model.scoreOneByOne("its answer to a row depends on the others in the call: rows are scored one after another");
}

/** The first row that has an answer. */
async function answeredRow(path: string, model: LoadedModel, candidates: readonly SampleRow[]): Promise<SampleRow> {
  let failure: ModelError | undefined;
  for (const row of candidates) {
    try {
      const [answer] = await model.predict(1, columnsOf(model.kinds, [row]));
      if (Number.isFinite(answer)) return row;
      failure ??= notFinite(path, model.features, row, answer);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      if (error.reason === "unsupported-output") throw error;
      failure ??= error;
    }
  }
  throw failure ?? new Error("no row to try the model with");
}

function notFinite(path: string, features: readonly string[], row: SampleRow, answer: number | undefined): ModelError {
  const given = features.map((feature, index) => `${feature} = ${row[index]}`).join(", ");
  return new ModelError({
    path,
    reason: "not-finite",
    problem: `the model answered ${answer} to the row ${given}`,
    remedy:
      "Check it where it was made; if it cannot answer this row and that is right, write the means of the " +
      "features into the metadata streamgauge.feature_statistics (docs/your-own-model.md)",
  });
}

/** Whether two rows that differ have the same answers together as alone. */
async function answersEachAlone(model: LoadedModel, row: SampleRow): Promise<boolean> {
  const { kinds } = model;
  const other = row.map((value, at) => (kinds[at] === "number" ? Number(value) * 1.25 + 0.25 : value));
  const alone = [await model.predict(1, columnsOf(kinds, [row])), await model.predict(1, columnsOf(kinds, [other]))].map(
    ([answer]) => answer ?? Number.NaN,
  );
  const together = await model.predict(3, columnsOf(kinds, [row, other, row]));
  const scale = Math.max(1e-6, ...alone.map(Math.abs));
  return [...alone, alone[0]].every(
    (answer = Number.NaN, at) => Object.is(answer, together[at]) || Math.abs(answer - (together[at] ?? Number.NaN)) <= TOLERANCE * scale,
  );
}

/** Rows as columns, [features][rows]. */
export function columnsOf(kinds: readonly FeatureKind[], rows: readonly SampleRow[]): FeatureValues[] {
  return kinds.map((kind, at) => {
    const cells = rows.map((row) => row[at] ?? 0);
    return kind === "text" ? cells.map(String) : Float64Array.from(cells, Number);
  });
}
