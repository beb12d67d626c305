import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { onTestFinished } from "vitest";

const require = createRequire(import.meta.url);

/** Another Node process that runs a script. It is killed when the test ends. */
export class OtherProcess {
  readonly child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** @param script - CommonJS, with the packages `lmdb` and `extensions` in scope. It may print lines, and end when its standard input does. */
  constructor(script: string) {
    const paths = { lmdb: require.resolve("lmdb"), extensions: require.resolve("fs-native-extensions") };
    const prelude = Object.entries(paths)
      .map(([name, path]) => `const ${name} = require(${JSON.stringify(path)});`)
      .join("\n");
    const child = spawn(process.execPath, ["--eval", `${prelude}\n${script}`], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    this.child = child;
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  /** The next line that it prints. @throws if it ends before. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("The other process has ended.");
    return value;
  }

  /** Resolves when it has ended. */
  async ended(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, "exit");
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended();
  }
}
