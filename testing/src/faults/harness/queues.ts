import type { BrokerNode } from "../../index.js";

/** Messages in each queue of a virtual host, in flight ones included. */
export async function queueDepths(broker: BrokerNode, vhost: string): Promise<Readonly<Record<string, number>>> {
  const text = await broker.ctl("list_queues", "--vhost", vhost, "name", "messages", "--no-table-headers");
  const rows = text
    .split("\n")
    .filter((line) => line.includes("\t"))
    .map((line) => line.split("\t"));
  return Object.fromEntries(rows.map(([name = "", messages = ""]) => [name, Number(messages)]));
}

/** Memory of the broker in RAM, in MiB. */
export async function brokerMiB(broker: BrokerNode): Promise<number> {
  // From inside: its process has another number outside of a container.
  const status = await broker.ctl("eval", 'element(2, file:read_file("/proc/self/status")).');
  return Number(/VmRSS:\D*(\d+)/.exec(status)?.[1]) / 1024;
}
