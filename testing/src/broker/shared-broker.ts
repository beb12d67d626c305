import { randomBytes } from "node:crypto";
import type { BrokerAddress } from "./broker-address.js";
import { BrokerNode } from "./broker-node.js";

/** The variable that passes the shared broker of a test run to its workers and their child processes. */
const VARIABLE = "STREAMGAUGE_TEST_BROKER";

/** Makes a broker known to this process and to those that it starts from now on. */
export function shareBroker(address: BrokerAddress): void {
  process.env[VARIABLE] = JSON.stringify(address);
}

/**
 * The broker of this test run. What is done to it is felt by all tests: one that kills or stops a broker starts its own.
 *
 * @throws if there is none. A test never goes on without it.
 */
export function sharedBroker(): BrokerNode {
  const address = process.env[VARIABLE];
  if (address === undefined)
    throw new Error("No broker is shared with this test: run it with `npm test` or, from the root, `npx vitest run`.");
  return new BrokerNode(JSON.parse(address));
}

/** The URL of a new, empty virtual host on the shared broker: nothing that another test does is seen in it. Takes about a second. */
export function freshVhost(purpose: string): Promise<string> {
  return sharedBroker().addVhost(`${purpose}-${randomBytes(4).toString("hex")}`);
}
