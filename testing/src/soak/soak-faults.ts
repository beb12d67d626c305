import { setTimeout as delay } from "node:timers/promises";
import type { PrivateBroker, TcpProxy } from "../index.js";
import { BROKER_FAULTS } from "../faults/harness/broker-faults.js";
import type { Dice } from "../faults/harness/dice.js";
import { LINK_FAULTS } from "../faults/harness/link-faults.js";
import type { Pipeline } from "../faults/harness/pipeline.js";
import type { ServiceProcess } from "../faults/harness/service-process.js";
import type { SmallDisk } from "../faults/harness/small-disk.js";

/** What faults are done to. */
export interface Stage {
  readonly pipeline: Pipeline;
  readonly broker: PrivateBroker;
  readonly proxy: TcpProxy;
  /** plot and the gateway. */
  readonly beside: readonly ServiceProcess[];
  /** The disk of the log; undefined: it is never full. */
  readonly disk: SmallDisk | undefined;
  readonly dice: Dice;
}

export interface SoakFault {
  readonly name: string;
  /** Does it and ends it; what comes next must be work. */
  readonly fault: (stage: Stage) => Promise<unknown>;
}

/** Three heartbeats of 2 s and more, and less than that. */
const FROZEN_MS = [1_000, 8_000] as const;
const AWAY_MS = [1_000, 6_000] as const;

const SERVICES = ["features", "model", "metrics"] as const;

/** Every kind of fault that the fault suite has of running services, their links, their broker and their disk. */
export function soakFaults({ disk }: Pick<Stage, "disk">): readonly SoakFault[] {
  return [
    ...SERVICES.flatMap((name): SoakFault[] => [
      { name: `${name} is killed`, fault: ({ pipeline }) => pipeline[name].kill() },
      { name: `${name} is frozen`, fault: (stage) => frozen(stage, stage.pipeline[name]) },
    ]),
    ...["model", "metrics"].map((name): SoakFault => ({ name: `${name} is away, and messages wait`, fault: (stage) => away(stage, name) })),
    { name: "plot and the gateway are killed", fault: ({ beside }) => Promise.all(beside.map((service) => service.kill())) },
    { name: "two services are killed", fault: killTwo },
    { name: "the broker is frozen", fault: frozenBroker },
    ...BROKER_FAULTS.map(({ name, inject, mend }): SoakFault => ({
      name: `the broker ${name}`,
      fault: (stage) => brokerFault(stage, inject, mend),
    })),
    ...LINK_FAULTS.map(({ name, fault }): SoakFault => ({
      name: `the link ${name}`,
      fault: ({ proxy, pipeline, dice }) => fault(proxy, pipeline, dice),
    })),
    ...(disk === undefined ? [] : [{ name: "the disk is full", fault: (stage: Stage) => fullDisk(stage, disk) }]),
  ];
}

async function frozen({ dice }: Stage, service: ServiceProcess): Promise<void> {
  service.signal("SIGSTOP");
  await delay(dice.whole(...FROZEN_MS));
  service.signal("SIGCONT");
}

async function frozenBroker({ broker, dice }: Stage): Promise<void> {
  await broker.pause();
  await delay(dice.whole(...FROZEN_MS));
  await broker.resume();
}

async function away({ pipeline, dice }: Stage, name: string): Promise<void> {
  const service = name === "model" ? pipeline.model : pipeline.metrics;
  await service.stop();
  await delay(dice.whole(...AWAY_MS));
  service.start();
}

async function killTwo({ pipeline, dice }: Stage): Promise<void> {
  const two = dice.shuffled(pipeline.services).slice(0, 2);
  await Promise.all(two.map((service) => service.kill()));
}

type BrokerStep = (pipeline: Pipeline, broker: PrivateBroker) => Promise<unknown>;

async function brokerFault({ pipeline, broker, dice }: Stage, inject: BrokerStep, mend: BrokerStep): Promise<void> {
  await inject(pipeline, broker);
  await delay(dice.whole(0, 2_000));
  await mend(pipeline, broker);
}

async function fullDisk({ pipeline, dice }: Stage, disk: SmallDisk): Promise<void> {
  const from = pipeline.metrics.lines.length;
  disk.fill();
  try {
    await pipeline.metrics.says(/cannot be written.*no space left.*No messages are taken until it can/i, 30_000, from);
    await delay(dice.whole(0, 2_000));
  } finally {
    disk.makeRoom();
  }
}
