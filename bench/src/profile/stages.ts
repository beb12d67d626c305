import type { StackFrame, StackTime } from "./cpu-profile.js";

/** Where a row's time goes, in the order of its way. */
export const STAGES = [
  "source",
  "encode",
  "broker",
  "decode",
  "infer",
  "join",
  "format",
  "sync",
  "draw",
  "telemetry",
  "garbage",
  "other",
] as const;

export type Stage = (typeof STAGES)[number];

interface Rule {
  readonly stage: Stage;
  readonly url: RegExp;
  readonly functionName?: RegExp;
}

/**
 * Which function belongs to which stage. The innermost one on the stack that a rule knows decides, so that what a library or V8 does
 * counts for who asked for it. Functions that several stages use have no rule: their callers decide.
 */
const RULES: readonly Rule[] = [
  { stage: "garbage", url: /^$/, functionName: /^\(garbage collector\)$/ },
  // A contract's `read` and `write`, with all that they call.
  { stage: "encode", url: /core\/dist\/frames\//, functionName: /^write$/ },
  { stage: "decode", url: /core\/dist\/frames\//, functionName: /^read$/ },
  { stage: "decode", url: /model\/dist\/(select-features|service)\.js/, functionName: /^(selectFeatures|readRows)$/ },
  { stage: "infer", url: /model\/dist\/(session\/|batcher|answers)|onnxruntime-/ },
  { stage: "format", url: /metrics\/dist\/log\/(log-line|metric-log)\.js/, functionName: /^(formatLine|isPlain|csvField|#append)$/ },
  { stage: "sync", url: /metrics\/dist\/log\/append-file\.js/, functionName: /^(append|sync|assertUntouched)$/ },
  { stage: "sync", url: /metrics\/dist\/state\/state-store\.js/, functionName: /^commit$/ },
  { stage: "sync", url: /features\/dist\/checkpoint\.js/, functionName: /^writeCheckpoint$/ },
  { stage: "telemetry", url: /prom-client|metrics\/dist\/telemetry\.js|features\/dist\/terminal-progress\.js/ },
  { stage: "join", url: /metrics\/dist\// },
  { stage: "draw", url: /plot\/dist\// },
  { stage: "broker", url: /node_modules\/amqplib\/|core\/dist\/bus\// },
  { stage: "source", url: /features\/dist\/|core\/dist\/csv\/|node_modules\/csv-parse\// },
  // A socket that reads or writes, with no other function on the stack.
  { stage: "broker", url: /^node:internal\/(streams|stream_base_commons)|^node:net$/ },
];

/** @param stack - innermost first. */
export function stageOf(stack: readonly StackFrame[]): Stage {
  for (const { url, functionName } of stack) {
    const rule = RULES.find((each) => each.url.test(url) && (each.functionName?.test(functionName) ?? true));
    if (rule !== undefined) return rule.stage;
  }
  return "other";
}

/** ms by stage. */
export function timeByStage(times: readonly StackTime[]): ReadonlyMap<Stage, number> {
  const spent = new Map<Stage, number>();
  for (const { stack, ms } of times) {
    const stage = stageOf(stack);
    spent.set(stage, (spent.get(stage) ?? 0) + ms);
  }
  return spent;
}
