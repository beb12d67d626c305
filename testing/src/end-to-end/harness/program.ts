import { expect, onTestFailed, onTestFinished } from "vitest";
import { builtFile } from "../../built-file.js";
import type { NodeProcess } from "../../node-process.js";
import { startNode } from "../../vitest/start-node.js";

/** A program of this project as a process, which ends with the test. */
function startProgram(arguments_: readonly string[], env: Readonly<Record<string, string>>, cwd?: string): NodeProcess {
  const program = startNode(arguments_, { env, cwd });
  onTestFailed(() => void process.stderr.write(`\n--- ${arguments_.join(" ")}\n${program.stdout}${program.stderr}`));
  onTestFinished(async () => {
    await program.kill();
    await program.ended();
    expect(program.nodeWarning, "Node warned of something: mend its cause").toBeUndefined();
  });
  return program;
}

/** A service as a process. */
export function startService(
  name: "features" | "model" | "metrics" | "plot" | "alerts" | "gateway",
  env: Readonly<Record<string, string>>,
): NodeProcess {
  return startProgram([builtFile(`dist/${name}.js`)], env);
}

/** The command line as a process. */
export function startCli(arguments_: readonly string[], env: Readonly<Record<string, string>> = {}, cwd?: string): NodeProcess {
  return startProgram([builtFile("dist/cli.js"), ...arguments_], env, cwd);
}
