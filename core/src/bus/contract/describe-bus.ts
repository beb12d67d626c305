import { describe } from "vitest";
import { describeClosing } from "./closing.js";
import { connectBus } from "../connect-bus.js";
import { contractTest, type Connect } from "./contract-test.js";
import { describeDeadLetters } from "./dead-letters.js";
import { describeDeclaring } from "./declaring.js";
import { describeDraining } from "./draining.js";
import { describeBroadcasting } from "./broadcasting.js";
import { describeSending } from "./sending.js";
import { describeTaking } from "./taking.js";

/** What every bus promises. Each transport passes the same cases, on the broker at `url`. @param connect - default: the URL's transport. */
export function describeBus(kind: string, url: () => string, connect: Connect = connectBus): void {
  describe(`The contract of a bus, ${kind}`, () => {
    const test = contractTest(url, connect);
    describeDeclaring(test);
    describeSending(test);
    describeTaking(test);
    describeDeadLetters(test);
    describeClosing(test);
    describeBroadcasting(test);
    describeDraining(test);
  });
}
