import { IMAGE_VARIABLE, startPrivateBroker } from "./start-private-broker.js";
import { shareBroker } from "./shared-broker.js";

/** Starts the broker that all tests of a run share, and returns how it is ended. */
export default async function setup(): Promise<() => Promise<void>> {
  const broker = await startPrivateBroker();
  shareBroker(broker.address);
  const image = process.env[IMAGE_VARIABLE];
  if (image !== undefined) process.stdout.write(`The tests run on RabbitMQ ${broker.version} of ${image}.\n`);
  return () => broker.stop();
}
