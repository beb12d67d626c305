import type { Transport } from "../transport.js";
import { RabbitBus } from "./bus.js";

/** RabbitMQ 3.10 to 4.3: `amqp://user:password@host:5672/vhost`, or `amqps://` over TLS. */
export const rabbit: Transport = {
  schemes: ["amqp:", "amqps:"],
  isShared: true,
  connect: (options) => RabbitBus.connect(options),
};
