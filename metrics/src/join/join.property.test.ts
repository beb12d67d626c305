import { rmSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SIDES, type Side } from "../state/half-table.js";
import { freshFolder } from "@streamgauge/testing/vitest";
import { RETENTION_MS, TestLane } from "../testing/test-lane.js";

const folder = freshFolder();

/** One step in the life of a join. */
type Step =
  | { readonly kind: "frame"; readonly side: Side; readonly halves: readonly (readonly [id: string, value: number])[] }
  | { readonly kind: "commit" | "spill" | "expire" | "restart" };

const half = fc.tuple(fc.constantFrom("a", "b", "c", "d,", "e\n"), fc.constantFrom(1, 2));
const frame = fc.record({
  kind: fc.constant("frame" as const),
  side: fc.constantFrom(...SIDES),
  halves: fc.array(half, { minLength: 1, maxLength: 6 }),
});
const other = fc.record({
  kind: fc.constantFrom("commit" as const, "commit" as const, "spill" as const, "expire" as const, "restart" as const),
});
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: frame }, { weight: 2, arbitrary: other }), { maxLength: 25 });

/**
 * The join in a few lines, one half at a time: the outcome of the halves, independent of how they are framed and when they are
 * committed. If several values come for an id before it is settled, any of them may be the one that is kept, so the model only
 * knows how many are.
 */
class Model {
  /** Values of the halves without a partner, by side and id. */
  readonly #open: Record<Side, Map<string, number[]>> = { y_true: new Map(), y_pred: new Map() };
  readonly logged = new Set<string>();
  readonly received: Record<Side, number> = { y_true: 0, y_pred: 0 };
  readonly unmatched: Record<Side, number> = { y_true: 0, y_pred: 0 };

  add(side: Side, id: string, value: number): void {
    this.received[side] += 1;
    if (this.logged.has(id)) return;
    const others = this.#open[side === "y_true" ? "y_pred" : "y_true"];
    if (others.delete(id)) {
      this.#open[side].delete(id);
      this.logged.add(id);
      return;
    }
    this.#open[side].set(id, [...(this.#open[side].get(id) ?? []), value]);
  }

  /** Everything that waits expires: one half of each id is unmatched, the others are copies of it. */
  expire(): void {
    for (const side of SIDES) {
      this.unmatched[side] += this.#open[side].size;
      this.#open[side].clear();
    }
  }

  pending(side: Side): number {
    return this.#open[side].size;
  }
}

async function play(all: readonly Step[]): Promise<void> {
  rmSync(folder.path, { recursive: true, force: true });
  const model = new Model();
  let lane = await TestLane.open(folder);
  for (const step of all) {
    if (step.kind === "frame") {
      for (const [id, value] of step.halves) model.add(step.side, id, value);
      lane.send(step.side, step.halves);
    } else if (step.kind === "commit") lane.commit();
    else if (step.kind === "spill") lane.spill();
    else {
      // Everything is answered first: unanswered frames would be redelivered, which this model does not cover.
      lane.spill();
      if (step.kind === "restart") lane = await lane.reopen(folder);
      else {
        lane.clock.advance(RETENTION_MS * 2);
        model.expire();
      }
    }
  }
  lane.spill();
  expect(lane.faults).toEqual([]);

  const log = parsed(folder.read("metric_log.csv"));
  expect(new Set(log.map(([id]) => id))).toEqual(model.logged);
  expect(log).toHaveLength(model.logged.size);
  for (const [, yTrue, yPred, error] of log) expect(error).toBe(String(Math.abs(Number(yTrue) - Number(yPred))));
  const unmatched = parsed(folder.read("unmatched.csv"));
  const conflicts = parsed(folder.read("conflicts.csv"));
  for (const side of SIDES) {
    const { received, logged, duplicates, conflicts: refused, unmatched: gone } = lane.join.state.balance[side];
    expect({ received, logged, gone, pending: lane.join.state.pending.counts[side], stored: lane.join.state.store.count(side) }).toEqual({
      received: model.received[side],
      logged: model.logged.size,
      gone: model.unmatched[side],
      pending: model.pending(side),
      stored: model.pending(side),
    });
    expect(received).toBe(logged + gone + model.pending(side) + duplicates + refused);
    expect(unmatched.filter(([, field]) => field === side)).toHaveLength(gone);
    const own = conflicts.filter(([, field]) => field === side);
    expect(own).toHaveLength(refused);
    for (const [, , kept, value] of own) expect(value).not.toBe(kept);
  }
  await lane.join.close();
}

/** The fields of the records of a CSV file. Ids may contain commas and line breaks, but no quotes. */
function parsed(text: string): string[][] {
  return [...text.matchAll(/(?:"[^"]*"|[^"\n])+\n/g)]
    .slice(1)
    .map(([record]) => [...record.matchAll(/("[^"]*"|[^,\n]*)[,\n]/g)].map(([, field = ""]) => field.replaceAll('"', "")));
}

test("any sequence of frames: each pair is logged once, and every half is accounted for", async () => {
  await fc.assert(fc.asyncProperty(steps, play), { numRuns: 150 });
});
