import { startPrivateBroker } from "./private-broker.js";
import { shareBroker } from "./shared-broker.js";

/** Starts the broker that all tests of a run share, and returns how it is ended. */
export default async function setup(): Promise<() => Promise<void>> {
  const broker = await startPrivateBroker();
  shareBroker(broker.address);
  return () => broker.stop();
}
