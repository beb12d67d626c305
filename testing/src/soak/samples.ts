import { brokerUse } from "../faults/harness/queues.js";
import type { Pipeline } from "../faults/harness/pipeline.js";
import { processUse, type ProcessUse } from "../faults/harness/process-use.js";
import type { ServiceProcess } from "../faults/harness/service-process.js";

/** What a process held at a point of the run. */
export interface Sample extends ProcessUse {
  /** Rows or hours since its begin. */
  readonly at: number;
  /** V8's heap in use, in MiB, garbage included; NaN for the broker, and for a service that does not answer. */
  readonly heapMiB: number;
}

/** Messages in the fullest queue that is not kept for people, and which that is. */
export interface QueueDepth {
  readonly at: number;
  readonly queue: string;
  readonly messages: number;
}

const HEAP = "nodejs_heap_size_used_bytes";
/** Nobody reads it here. */
const KEPT = "dead-letters";

/** What the processes of a run hold, from point to point. */
export class Samples {
  readonly byProcess = new Map<string, Sample[]>();
  readonly depths: QueueDepth[] = [];
  readonly #pipeline: Pipeline;
  readonly #services: readonly ServiceProcess[];

  constructor(pipeline: Pipeline, services: readonly ServiceProcess[]) {
    this.#pipeline = pipeline;
    this.#services = services;
  }

  /** Looks at the services that run. */
  async lookAtServices(at: number): Promise<void> {
    await Promise.all(
      this.#services.map(async (service) => {
        const heapMiB = (await service.metric(HEAP).catch(() => Number.NaN)) / 2 ** 20;
        // It may have ended meanwhile.
        const use = service.runs ? useOf(service.pid) : undefined;
        if (use !== undefined) this.#add(service.options.label, { at, heapMiB, ...use });
      }),
    );
  }

  /** Looks at the broker and its queues, which takes a second of a processor. A broker that is down is left out. */
  async lookAtBroker(at: number): Promise<void> {
    try {
      const [use, queues] = await Promise.all([brokerUse(this.#pipeline.broker), this.#pipeline.depths()]);
      this.#add("broker", { at, heapMiB: Number.NaN, ...use });
      const [queue = "", messages = 0] = Object.entries(queues)
        .filter(([name]) => name !== KEPT)
        .reduce<[string?, number?]>((most, one) => (one[1] > (most[1] ?? -1) ? one : most), []);
      this.depths.push({ at, queue, messages });
    } catch (error) {
      this.#pipeline.transcript.note("samples", `the broker was not looked at: ${String(error)}`);
    }
  }

  #add(name: string, sample: Sample): void {
    const samples = this.byProcess.get(name) ?? [];
    this.byProcess.set(name, [...samples, sample]);
  }
}

function useOf(pid: number): ProcessUse | undefined {
  try {
    const use = processUse(pid);
    // A process that is ending has no memory any more.
    return Number.isNaN(use.ownMiB) ? undefined : use;
  } catch {
    return undefined;
  }
}
