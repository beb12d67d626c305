import type { BrokerNode } from "../../index.js";
import { mebibytesIn, type ProcessUse } from "./process-use.js";

/** Messages in each queue of a virtual host, in flight ones included. */
export async function queueDepths(broker: BrokerNode, vhost: string): Promise<Readonly<Record<string, number>>> {
  const text = await broker.ctl("list_queues", "--vhost", vhost, "name", "messages", "--no-table-headers");
  const rows = text
    .split("\n")
    .filter((line) => line.includes("\t"))
    .map((line) => line.split("\t"));
  return Object.fromEntries(rows.map(([name = "", messages = ""]) => [name, Number(messages)]));
}

/** What the broker holds now. */
export async function brokerUse(broker: BrokerNode): Promise<ProcessUse> {
  // From inside: its process has another number outside of a container.
  const said = await broker.ctl(
    "eval",
    '{element(2, file:read_file("/proc/self/status")), {descriptors, length(element(2, file:list_dir("/proc/self/fd")))}}.',
  );
  return {
    residentMiB: mebibytesIn(said, "VmRSS"),
    ownMiB: mebibytesIn(said, "RssAnon"),
    descriptors: Number(/descriptors,(\d+)/.exec(said)?.[1] ?? Number.NaN),
  };
}
