import type { Bus } from "./bus.js";
import { addressesOf } from "./broker-addresses.js";
import { memory } from "./memory/transport.js";
import { rabbit } from "./rabbit/transport.js";
import type { BusOptions, Transport } from "./transport.js";

/** All transports. A new one is a folder beside these and an entry here. */
const TRANSPORTS: readonly Transport[] = [rabbit, memory];

/** Schemes of the transports that link processes, such as `amqp:`. */
export const SHARED_SCHEMES: readonly string[] = schemesOf(TRANSPORTS.filter(({ isShared }) => isShared));

/** No transport serves the URL's scheme. */
export class UnknownTransportError extends Error {
  override readonly name = "UnknownTransportError";
  readonly scheme: string;

  constructor(scheme: string) {
    super(`No transport serves URLs that begin with ${scheme}: use one of ${schemesOf(TRANSPORTS).join(", ")}`);
    this.scheme = scheme;
  }
}

/**
 * Links a service to the broker at `options.url`, over the transport of the URL's scheme.
 *
 * @throws UnknownTransportError, and what `Transport.connect` throws.
 */
export async function connectBus(options: BusOptions): Promise<Bus> {
  const { protocol } = new URL(addressesOf(options.url)[0]);
  const transport = TRANSPORTS.find(({ schemes }) => schemes.includes(protocol));
  if (transport === undefined) throw new UnknownTransportError(protocol);
  return transport.connect(options);
}

function schemesOf(transports: readonly Transport[]): string[] {
  return transports.flatMap(({ schemes }) => schemes);
}
