import { now } from "../clock.js";
import { ChildTask } from "../system/child-task.js";
import { rateOf, steadyWindow, valueAt, warmUpEnd, type Progress } from "../pipeline/steady-window.js";
import type { CeilingTask } from "./ceiling-task.js";

export interface CeilingOptions extends CeilingTask {
  readonly relays: number;
}

/**
 * Pairs a second that the broker and amqplib allow, with nothing else done: prepared messages of the same bytes and number, through
 * the queues that the pipeline has declared and emptied, sent, relayed and taken by as many processes as the pipeline has for it.
 */
export async function measureCeiling({ relays, ...task }: CeilingOptions): Promise<number> {
  const sink = new ChildTask<Progress[]>("ceiling/sink", task);
  const publisher = new ChildTask<Progress[]>("ceiling/publisher", task);
  const between = Array.from({ length: relays }, () => new ChildTask<never>("ceiling/relay", task));
  const all = [sink, publisher, ...between];
  try {
    await Promise.all(all.map((process) => process.ready()));
    const began = now();
    for (const process of all) process.go();
    const [came, sent] = await Promise.race([Promise.all([sink.result, publisher.result]), ...between.map(({ result }) => result)]);
    const warm = warmUpEnd(came, task.rows)?.at ?? 0;
    const sentThen = valueAt(
      sent.map(({ at, rows }) => ({ at, value: rows })),
      warm,
    );
    return rateOf(steadyWindow(began, came, task.rows, sentThen));
  } finally {
    await Promise.all(all.map((process) => process.end()));
  }
}
