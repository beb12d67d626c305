import { closeSync, fdatasyncSync, openSync, readFileSync, realpathSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from "node:os";
import { join } from "node:path";
import type { BrokerNode } from "@streamgauge/testing";
import { percentile } from "../percentile.js";
import { fileSystemOf } from "./proc-files.js";

/** What figures depend on, beside the program. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gb: number;
  readonly kernel: string;
  readonly node: string;
  readonly rabbitmq: string;
  readonly erlang: string;
  /** Where the log, its state and the broker's files are. */
  readonly folder: string;
  /** Null if the system does not report it. */
  readonly file_system: string | null;
  readonly fdatasync_p50_ms: number;
}

/** File systems that keep everything in memory: syncing costs nothing there, and proves nothing. */
const IN_MEMORY = ["tmpfs", "ramfs"];
const SYNCS = 200;
const SYNCED_BYTES = 4_096;

/** Names this machine. @param folder - where the measured runs keep their files. */
export async function describeMachine(folder: string, broker: BrokerNode): Promise<Machine> {
  const versions = await broker.ctl("eval", 'rabbit_misc:version() ++ " " ++ erlang:system_info(otp_release).');
  const [rabbitmq = "", erlang = ""] = versions.replaceAll('"', "").split(" ");
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1e8) / 10,
    kernel: `${type()} ${release()}`,
    node: process.versions.node,
    rabbitmq,
    erlang,
    folder: tmpdir(),
    file_system: fileSystem(folder) ?? null,
    fdatasync_p50_ms: medianSyncMs(folder),
  };
}

function fileSystem(folder: string): string | undefined {
  if (process.platform !== "linux") return undefined;
  return fileSystemOf(readFileSync("/proc/mounts", "utf8"), realpathSync(folder));
}

/** How long a small append takes to be on disk. */
function medianSyncMs(folder: string): number {
  const path = join(folder, "syncs");
  const fd = openSync(path, "w");
  const bytes = Buffer.alloc(SYNCED_BYTES, "x");
  const took = Array.from({ length: SYNCS }, () => {
    writeSync(fd, bytes);
    const began = performance.now();
    fdatasyncSync(fd);
    return performance.now() - began;
  });
  closeSync(fd);
  rmSync(path);
  return percentile(
    took.toSorted((a, b) => a - b),
    0.5,
  );
}

/** The machine in two lines for people, and a third if its figures would mislead. */
export function machineLines(machine: Machine): string[] {
  const { cpu, cores, memory_gb, kernel, node, rabbitmq, erlang, folder, file_system, fdatasync_p50_ms } = machine;
  const lines = [
    `${cpu}, ${cores} cores, ${memory_gb} GB, ${kernel}, Node ${node}, RabbitMQ ${rabbitmq} on Erlang ${erlang}.`,
    `Log and broker in ${folder} (${file_system ?? "file system unknown"}), fdatasync p50 ${fdatasync_p50_ms.toFixed(2)} ms.`,
  ];
  if (file_system !== null && IN_MEMORY.includes(file_system)) {
    lines.push(`${folder} is in memory, where syncing costs nothing: set TMPDIR to a folder on a disk.`);
  }
  return lines;
}
