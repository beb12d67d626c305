import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OK, step, type Hysteresis, type RuleEvent, type RuleState } from "./state-machine.js";

/** A look at a rule: how long after the one before, in ms, and whether the rule held. */
interface Look {
  readonly after: number;
  readonly holds: boolean | undefined;
}

/** Runs a rule over looks. @returns the events with their times, and the last state. */
function run(looks: readonly Look[], hysteresis: Hysteresis, from: RuleState = OK, start = 0) {
  let [state, now] = [from, start];
  const events: { readonly event: Exclude<RuleEvent, undefined>; readonly at: number }[] = [];
  for (const { after, holds } of looks) {
    now += after;
    const result = step(state, holds, now, hysteresis);
    state = result.state;
    if (result.event !== undefined) events.push({ event: result.event, at: now });
  }
  return { events, state, now };
}

const each = (after: number, ...holds: readonly (boolean | undefined)[]): Look[] => holds.map((value) => ({ after, holds: value }));

describe("A rule with for: 2 s and keep_firing_for: 3 s", () => {
  const hysteresis = { forMs: 2_000, keepFiringForMs: 3_000 };

  test("fires when it has held for two seconds", () => {
    expect(run(each(1_000, true, true, true), hysteresis).events).toEqual([{ event: "firing", at: 3_000 }]);
  });

  test("does not fire if it stops to hold before, and counts anew", () => {
    expect(run(each(1_000, true, true, false, true, true), hysteresis).events).toEqual([]);
  });

  test("is resolved when it has not held for three seconds", () => {
    const looks = each(1_000, true, true, true, false, false, true, false, false, false, false);
    expect(run(looks, hysteresis).events).toEqual([
      { event: "firing", at: 3_000 },
      { event: "resolved", at: 10_000 },
    ]);
  });

  test("neither begins nor ends by what is not known", () => {
    expect(run(each(1_000, undefined, undefined, undefined), hysteresis)).toMatchObject({ events: [], state: OK });
    const looks = each(1_000, true, true, true, undefined, undefined, undefined, undefined, undefined);
    expect(run(looks, hysteresis)).toMatchObject({ events: [{ event: "firing", at: 3_000 }], state: { phase: "firing" } });
  });

  test("waits anew after the clock was set back by an hour", () => {
    const looks = [...each(1_000, true), { after: -3_600_000, holds: true }, ...each(1_000, true, true)];
    expect(run(looks, hysteresis).events).toEqual([{ event: "firing", at: 1_000 - 3_600_000 + 2_000 }]);
  });
});

test("A rule without waits follows its figure", () => {
  expect(run(each(1_000, true, false, true, true, false), { forMs: 0, keepFiringForMs: 0 }).events).toEqual([
    { event: "firing", at: 1_000 },
    { event: "resolved", at: 2_000 },
    { event: "firing", at: 3_000 },
    { event: "resolved", at: 5_000 },
  ]);
});

describe("Whatever a rule sees", () => {
  const looks = fc.array(fc.record({ after: fc.integer({ min: 0, max: 5_000 }), holds: fc.constantFrom(true, false, undefined) }), {
    maxLength: 60,
  });
  const hysteresis = fc.record({ forMs: fc.integer({ min: 0, max: 6_000 }), keepFiringForMs: fc.integer({ min: 0, max: 6_000 }) });

  test("firing and resolved take turns, beginning with firing", () => {
    fc.assert(
      fc.property(looks, hysteresis, (seen, waits) => {
        const { events } = run(seen, waits);
        for (const [index, { event }] of events.entries()) expect(event).toBe(index % 2 === 0 ? "firing" : "resolved");
      }),
    );
  });

  test("it fires only if every known look of the last `for` held, and is resolved only if none of the last `keep_firing_for` did", () => {
    fc.assert(
      fc.property(looks, hysteresis, (seen, waits) => {
        for (let count = 1; count <= seen.length; count += 1) {
          const until = seen.slice(0, count);
          const { events, now } = run(until, waits);
          const last = events.at(-1);
          if (last === undefined || events.length === run(until.slice(0, -1), waits).events.length) continue;
          const [wait, wanted] = last.event === "firing" ? [waits.forMs, true] : [waits.keepFiringForMs, false];
          let ago = 0;
          for (const [index, { after, holds }] of until.toReversed().entries()) {
            if (index > 0 && ago >= wait) break;
            if (holds !== undefined) expect(holds).toBe(wanted);
            ago += after;
          }
          expect(last.at).toBe(now);
        }
      }),
    );
  });

  test("it never waits longer than it must: a known look after the wait is over fires", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 40 }), hysteresis, (gaps, waits) => {
        const { events, state } = run(
          gaps.map((after) => ({ after, holds: true })),
          waits,
        );
        const held = gaps.slice(1).reduce((sum, gap) => sum + gap, 0);
        expect(events.length === 1).toBe(held >= waits.forMs);
        expect(state.phase).toBe(held >= waits.forMs ? "firing" : "pending");
      }),
    );
  });

  test("a restart between two looks changes nothing", () => {
    fc.assert(
      fc.property(looks, hysteresis, fc.nat(60), (seen, waits, cut) => {
        const whole = run(seen, waits);
        const before = run(seen.slice(0, cut), waits);
        const saved: RuleState = JSON.parse(JSON.stringify(before.state));
        const after = run(seen.slice(cut), waits, saved, before.now);
        expect([...before.events, ...after.events]).toEqual(whole.events);
      }),
    );
  });
});
