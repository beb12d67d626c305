import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeliveryLedger, type Disposition } from "./delivery-ledger.js";

/** What a broker knows of one channel: it closes the channel (406) on a tag that it does not have. */
class Channel {
  readonly open = new Set<number>();
  readonly sent = new Map<number, Disposition>();

  apply({ ackUpTo, ack, requeue, deadLetter }: ReturnType<DeliveryLedger["flush"]>): void {
    for (const tag of requeue) this.#settle(tag, "requeue");
    for (const tag of deadLetter) this.#settle(tag, "dead-letter");
    if (ackUpTo !== undefined) {
      if (!this.open.has(ackUpTo)) throw new Error(`406: ${ackUpTo} is not open`);
      for (const tag of [...this.open].filter((each) => each <= ackUpTo)) this.#settle(tag, "ack");
    }
    for (const tag of ack) this.#settle(tag, "ack");
  }

  #settle(tag: number, how: Disposition): void {
    if (!this.open.delete(tag)) throw new Error(`406: ${tag} is not open`);
    this.sent.set(tag, how);
  }
}

describe("A ledger of deliveries", () => {
  test("whatever the order of settling, each tag is sent to the broker once, as it was settled, and none that is in flight", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant("open" as const) },
      { weight: 4, arbitrary: fc.record({ pick: fc.nat(), how: fc.constantFrom<Disposition>("ack", "requeue", "dead-letter") }) },
      { weight: 1, arbitrary: fc.constant("flush" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const ledger = new DeliveryLedger();
        const channel = new Channel();
        const inFlight: number[] = [];
        const settled = new Map<number, Disposition>();
        let tags = 0;
        for (const what of [...steps, "flush" as const]) {
          if (what === "open") {
            tags += 1;
            ledger.open(tags);
            channel.open.add(tags);
            inFlight.push(tags);
          } else if (what === "flush") {
            channel.apply(ledger.flush());
            // Sent exactly what was settled so far: nothing that is in flight, and nothing is left out.
            expect(channel.sent).toEqual(settled);
          } else {
            const [tag] = inFlight.splice(what.pick % Math.max(1, inFlight.length), 1);
            if (tag === undefined) continue;
            ledger.settle(tag, what.how);
            settled.set(tag, what.how);
          }
          expect(ledger.inFlight).toBe(inFlight.length);
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
    for (let tag = 100; tag >= 1; tag -= 1) ledger.settle(tag, "ack");
    expect(ledger.flush()).toEqual({ ackUpTo: 100, ack: [], requeue: [], deadLetter: [] });
  });

  test("a tag above one that is in flight is acknowledged alone", () => {
    const ledger = new DeliveryLedger();
    for (const tag of [1, 2, 3]) ledger.open(tag);
    ledger.settle(3, "ack");
    expect(ledger.flush()).toEqual({ ack: [3], requeue: [], deadLetter: [] });
    ledger.settle(1, "ack");
    ledger.settle(2, "requeue");
    expect(ledger.flush()).toEqual({ ackUpTo: 1, ack: [], requeue: [2], deadLetter: [] });
  });

  test("what is open from a tag on is known, whatever is open before it", () => {
    const ledger = new DeliveryLedger();
    for (const tag of [1, 2, 3, 4]) ledger.open(tag);
    expect(ledger.openFrom(3)).toBe(2);
    expect(ledger.openFrom(5)).toBe(0);
    for (const tag of [2, 4]) ledger.settle(tag, "ack");
    expect(ledger.openFrom(3)).toBe(2);
    ledger.flush();
    expect(ledger.openFrom(3)).toBe(1);
    expect(ledger.openFrom(1)).toBe(2);
    ledger.open(5);
    expect(ledger.openFrom(3)).toBe(2);
    ledger.settle(1, "ack");
    ledger.flush();
    expect(ledger.openFrom(1)).toBe(2);
  });

  test("nothing settled is nothing to send", () => {
    const ledger = new DeliveryLedger();
    ledger.open(1);
    expect(ledger.flush()).toEqual({ ack: [], requeue: [], deadLetter: [] });
  });
});
