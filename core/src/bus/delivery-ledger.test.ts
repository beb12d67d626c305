import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeliveryLedger, type Settled } from "./delivery-ledger.js";

/** What a broker knows of one channel: it closes the channel (406) on a tag that it does not have. */
class Channel {
  readonly open = new Set<number>();
  readonly told = new Map<number, Settled>();

  apply({ upTo, single, returned, buried }: ReturnType<DeliveryLedger["flush"]>): void {
    for (const tag of returned) this.#tell(tag, "return");
    for (const tag of buried) this.#tell(tag, "bury");
    if (upTo !== undefined) {
      if (!this.open.has(upTo)) throw new Error(`406: ${upTo} is not open`);
      for (const tag of [...this.open].filter((each) => each <= upTo)) this.#tell(tag, "done");
    }
    for (const tag of single) this.#tell(tag, "done");
  }

  #tell(tag: number, how: Settled): void {
    if (!this.open.delete(tag)) throw new Error(`406: ${tag} is not open`);
    this.told.set(tag, how);
  }
}

describe("A ledger of deliveries", () => {
  test("whatever the order of settling, the broker is told each tag once, as it was settled, and none that is in hand", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant("open" as const) },
      { weight: 4, arbitrary: fc.record({ pick: fc.nat(), how: fc.constantFrom<Settled>("done", "return", "bury") }) },
      { weight: 1, arbitrary: fc.constant("flush" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const ledger = new DeliveryLedger();
        const channel = new Channel();
        const inHand: number[] = [];
        const settled = new Map<number, Settled>();
        let tags = 0;
        for (const what of [...steps, "flush" as const]) {
          if (what === "open") {
            tags += 1;
            ledger.open(tags);
            channel.open.add(tags);
            inHand.push(tags);
          } else if (what === "flush") {
            channel.apply(ledger.flush());
            // Told exactly what was settled so far: nothing that is in hand, and nothing is left out.
            expect(channel.told).toEqual(settled);
          } else {
            const [tag] = inHand.splice(what.pick % Math.max(1, inHand.length), 1);
            if (tag === undefined) continue;
            ledger.settle(tag, what.how);
            settled.set(tag, what.how);
          }
          expect(ledger.inHand).toBe(inHand.length);
          expect(ledger.next).toBe(tags + 1);
          expect(ledger.openFrom(1)).toBe(channel.open.size);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("a run at the low end is one frame", () => {
    const ledger = new DeliveryLedger();
    for (let tag = 1; tag <= 100; tag += 1) ledger.open(tag);
    for (let tag = 100; tag >= 1; tag -= 1) ledger.settle(tag, "done");
    expect(ledger.flush()).toEqual({ upTo: 100, single: [], returned: [], buried: [] });
  });

  test("a tag above one that is in hand is told alone", () => {
    const ledger = new DeliveryLedger();
    for (const tag of [1, 2, 3]) ledger.open(tag);
    ledger.settle(3, "done");
    expect(ledger.flush()).toEqual({ single: [3], returned: [], buried: [] });
    ledger.settle(1, "done");
    ledger.settle(2, "return");
    expect(ledger.flush()).toEqual({ upTo: 1, single: [], returned: [2], buried: [] });
  });

  test("what is open from a tag on is known, whatever is open before it", () => {
    const ledger = new DeliveryLedger();
    for (const tag of [1, 2, 3, 4]) ledger.open(tag);
    expect(ledger.openFrom(3)).toBe(2);
    expect(ledger.openFrom(5)).toBe(0);
    for (const tag of [2, 4]) ledger.settle(tag, "done");
    expect(ledger.openFrom(3)).toBe(2);
    ledger.flush();
    expect(ledger.openFrom(3)).toBe(1);
    expect(ledger.openFrom(1)).toBe(2);
    ledger.open(5);
    expect(ledger.openFrom(3)).toBe(2);
    ledger.settle(1, "done");
    ledger.flush();
    expect(ledger.openFrom(1)).toBe(2);
  });

  test("nothing settled is nothing to tell", () => {
    const ledger = new DeliveryLedger();
    ledger.open(1);
    expect(ledger.flush()).toEqual({ single: [], returned: [], buried: [] });
  });
});
