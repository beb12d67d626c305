/** A profile as V8's sampling profiler writes it (`node --cpu-prof`). Times are in µs on the clock of `now()`. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly startTime: number;
  /** Node ids, one a sample. */
  readonly samples: readonly number[];
  /** Since the sample before, or the start. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** A function on the stack, innermost first in a stack. */
export interface StackFrame {
  readonly functionName: string;
  /** Empty for what is built into V8 and Node. */
  readonly url: string;
  /** From 1. */
  readonly line: number;
}

/** Time that was spent with the same stack. */
export interface StackTime {
  /** Innermost first. */
  readonly stack: readonly StackFrame[];
  readonly ms: number;
}

/** What a process waits in, which is no work. */
const IDLE = "(idle)";

/**
 * What a process did in a part of its life, by stack; time in which it waited for events left out. Time in a call that blocks, as a
 * sync does, counts: nothing else is done meanwhile.
 *
 * @param from - ms. @param to - ms.
 */
export function stackTimes({ nodes, startTime, samples, timeDeltas }: CpuProfile, from: number, to: number): StackTime[] {
  const spent = new Map<number, number>();
  let at = startTime / 1000;
  for (const [i, id] of samples.entries()) {
    at += (timeDeltas[i] ?? 0) / 1000;
    // What was on the stack at a sample is taken to last until the next.
    if (at >= from && at < to) spent.set(id, (spent.get(id) ?? 0) + Math.max(0, timeDeltas[i + 1] ?? 0) / 1000);
  }
  const stackOf = stacks(nodes);
  return [...spent].map(([id, ms]) => ({ stack: stackOf(id), ms })).filter(({ stack }) => stack[0]?.functionName !== IDLE);
}

function stacks(nodes: readonly ProfileNode[]): (id: number) => StackFrame[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child): [number, number] => [child, id])));
  return (id) => {
    const stack: StackFrame[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = byId.get(at)?.callFrame;
      if (frame !== undefined) stack.push({ functionName: frame.functionName, url: frame.url, line: frame.lineNumber + 1 });
    }
    return stack;
  };
}

/** A function and the time that was spent in it itself, not in what it called. */
export interface SelfTime {
  readonly name: string;
  readonly where: string;
  readonly share: number;
}

/** The functions that took the most time themselves, as shares of all. */
export function topSelfTimes(times: readonly StackTime[], most: number): SelfTime[] {
  const total = times.reduce((sum, { ms }) => sum + ms, 0);
  const self = new Map<string, { readonly name: string; readonly where: string; ms: number }>();
  for (const { stack, ms } of times) {
    const [leaf] = stack;
    if (leaf === undefined) continue;
    const where = placeOf(leaf);
    const key = `${leaf.functionName} ${where}`;
    const entry = self.get(key) ?? { name: leaf.functionName === "" ? "(anonymous)" : leaf.functionName, where, ms: 0 };
    entry.ms += ms;
    self.set(key, entry);
  }
  return [...self.values()]
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, most)
    .map(({ name, where, ms }) => ({ name, where, share: ms / total }));
}

/** Short and the same wherever the repository lies: `amqplib/lib/codec.js:71`, `core/dist/bus/rabbit/bus.js:127`. */
function placeOf({ url, line }: StackFrame): string {
  if (url === "") return "native";
  const path = url.replace(/^.*\/node_modules\//, "").replace(/^file:.*?\/((core|features|model|metrics|plot)\/dist\/)/, "$1");
  return `${path}:${line}`;
}
