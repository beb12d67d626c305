import type { Transport } from "../transport.js";
import { MemoryBroker } from "./broker.js";
import { MemoryBus } from "./bus.js";

/** Brokers of this process, by URL. One that lost its last link is replaced by the next connect. */
const brokers = new Map<string, MemoryBroker>();

/** A broker in this process: `memory:NAME`. Links with the same URL share it; it keeps nothing after the last one is closed. */
export const memory: Transport = {
  schemes: ["memory:"],
  isShared: false,
  async connect({ url, topology, name, log }) {
    const present = brokers.get(url);
    const broker = present?.isLinked === true ? present : new MemoryBroker();
    broker.declare(topology);
    brokers.set(url, broker);
    return new MemoryBus(broker, name, log);
  },
};
