import { correctedFigures } from "../corrections/corrected-figures.js";
import type { JoinState } from "../join/join-state.js";
import { WHO, type PlannedRow, type SentHalf, type Traffic } from "./traffic.js";

/** The label that must be in force in the end: the correction that was made last. */
export function finalLabel({ y_true, corrections }: PlannedRow): number {
  return corrections.toSorted((a, b) => madeAt(a) - madeAt(b)).at(-1)?.value ?? y_true;
}

function madeAt({ correctedAt = Number.NaN }: Pick<SentHalf, "correctedAt">): number {
  return correctedAt;
}

/** Whether a record of `conflicts.csv` or `unmatched.csv` is of a correction. */
export function isOfCorrection([, field]: readonly string[]): boolean {
  return field === "correction";
}

/**
 * Compares `corrections.csv` and the corrected figures with what was sent: each correction of a logged row took the place of a label once, or was
 * refused once for a later one, and the last one is in force.
 *
 * @param records - of `corrections.csv`, with the header. @param conflicts - records of `conflicts.csv`. @throws Error on a difference.
 */
export function assertCorrections(
  { rows, acts }: Traffic,
  [header, ...records]: readonly (readonly string[])[],
  conflicts: readonly (readonly string[])[],
  state: JoinState,
): void {
  equal("header of corrections.csv", header, ["id", "old", "new", "time", "who"]);
  const refused = conflicts.filter(isOfCorrection);
  const logged = rows.filter(({ fate }) => fate === "both");
  for (const row of logged) {
    const chain = records.filter(([id]) => id === row.id);
    let label = String(row.y_true);
    for (const [, old, next = "", time, who] of chain) {
      const planned = row.corrections.find(({ value }) => String(value) === next);
      equal(`correction of ${row.id}`, [old, time, who], [label, new Date(madeAt(planned ?? {})).toISOString(), WHO]);
      label = next;
    }
    equal(`label of ${row.id}`, label, String(finalLabel(row)));
    const settled = [...chain.map(([, , next]) => next), ...refused.filter(([id]) => id === row.id).map(([, , , value]) => value)];
    equal(`corrections of ${row.id}`, inOrder(settled), inOrder(row.corrections.map(({ value }) => String(value))));
  }
  const planned = logged.reduce((sum, { corrections }) => sum + corrections.length, 0);
  equal("corrections of other rows", records.length + refused.length, planned);
  assertBalance({ rows, acts }, records.length, refused.length, state);
  assertFigures(logged, state);
}

function assertBalance({ rows, acts }: Traffic, applied: number, refused: number, { corrections }: JoinState): void {
  const { balance, waiting } = corrections;
  const frames = acts.flatMap((act) => act.frames).filter(({ correctedAt }) => correctedAt !== undefined);
  const sent = frames.reduce((sum, { halves, badRows }) => sum + halves.length + badRows, 0);
  const unmatched = rows.filter(({ fate }) => fate !== "both").reduce((sum, row) => sum + row.corrections.length, 0);
  const is = [balance.applied, balance.conflicts, balance.unmatched, balance.notRestated, waiting];
  equal("balance of corrections", is, [applied, refused, unmatched, 0, 0]);
  if (balance.received < sent) throw new Error(`corrections: ${balance.received} received, ${sent} sent`);
}

/** The mean, the median and the largest error by the labels in force. */
function assertFigures(logged: readonly PlannedRow[], state: JoinState): void {
  if (state.corrections.balance.applied === 0) return;
  const errors = logged.map((row) => Math.abs(finalLabel(row) - row.y_pred)).toSorted((a, b) => a - b);
  const middle = (errors.length - 1) / 2;
  const [below = NaN, above = NaN] = [errors[Math.floor(middle)], errors[Math.ceil(middle)]];
  const { mae, p50, max_error: largest } = correctedFigures(state) ?? { mae: NaN, p50: NaN, max_error: NaN };
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  equal("corrected figures", [mae, p50, largest].map(inNineDigits), [mean, (below + above) / 2, errors.at(-1) ?? NaN].map(inNineDigits));
}

function inOrder(values: readonly (string | undefined)[]): unknown[] {
  return values.map(Number).toSorted((a, b) => a - b);
}

function inNineDigits(value: number): string {
  return value.toPrecision(9);
}

function equal(what: string, actual: unknown, expected: unknown): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is !== should) throw new Error(`${what}:\n    is       ${is}\n    expected ${should}`);
}
