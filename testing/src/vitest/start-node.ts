import { onTestFinished } from "vitest";
import { NodeProcess, type NodeProcessOptions } from "../node-process.js";

/** A Node process that is killed when the test ends. @param arguments_ - see NodeProcess. */
export function startNode(arguments_: readonly string[], options: NodeProcessOptions = {}): NodeProcess {
  const started = new NodeProcess(arguments_, options);
  onTestFinished(() => started.kill());
  return started;
}
