import { startPrivateBroker, type PrivateBroker } from "../../index.js";
import type { TestContext } from "vitest";

/** A broker of one case, which may do anything to it: it ends with the case, however that ends, and no other one sees what is left of it. */
export async function openBroker(context: TestContext): Promise<PrivateBroker> {
  const broker = await startPrivateBroker();
  context.onTestFinished(() => broker.stop());
  return broker;
}
