import { ContainerBroker } from "./container-broker.js";
import type { PrivateBroker, PrivateBrokerOptions } from "./private-broker.js";
import { ProcessBroker } from "./process-broker.js";

/** An image of RabbitMQ, like `rabbitmq:4.3-management`: all private brokers are containers of it. Default: this machine's RabbitMQ. */
export const IMAGE_VARIABLE = "RABBITMQ_IMAGE";

/**
 * A RabbitMQ of its own, beside any other on this machine.
 *
 * @throws RabbitMqMissingError if RabbitMQ is not installed; otherwise with the end of the broker's log.
 */
export async function startPrivateBroker(options: PrivateBrokerOptions = {}): Promise<PrivateBroker> {
  const image = process.env[IMAGE_VARIABLE] ?? "";
  const broker = image === "" ? await ProcessBroker.make(options) : await ContainerBroker.make(image, options);
  try {
    await broker.start();
    return broker;
  } catch (error) {
    await broker.stop();
    throw error;
  }
}
