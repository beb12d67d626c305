import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, test } from "vitest";

/** A process of its own has no TypeScript, so that these tests run what `npm run build` made. */
const BUILT = new URL("../../dist/index.js", import.meta.url).href;

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that runs a service. */
class Run {
  readonly #child: ChildProcess;
  readonly lines: string[] = [];
  readonly #exited: Promise<unknown>;

  /** @param start - the body of the service's start function. */
  constructor(start: string) {
    const program = `
      import { ConfigError, createLogger, runService, TopologyError } from ${JSON.stringify(BUILT)};
      const say = (what) => process.stdout.write(what + "\\n");
      const open = (name) => ({ close: () => say("closed " + name) });
      setInterval(() => {}, 1_000);
      await runService(() => createLogger("test", "info"), async ({ own, signal, stop, fail }) => { ${start} });`;
    this.#child = spawn(process.execPath, ["--input-type=module", "--eval", program], { stdio: ["ignore", "pipe", "pipe"] });
    children.push(this.#child);
    this.#exited = once(this.#child, "close");
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream !== null) createInterface(stream).on("line", (line) => this.#hear(line));
    }
  }

  #hear(line: string): void {
    this.lines.push(line);
    this.#child.emit("said", line);
  }

  async hears(line: string): Promise<void> {
    while (!this.lines.includes(line))
      await Promise.race([once(this.#child, "said"), this.#exited.then(() => Promise.reject(new Error(this.lines.join("\n"))))]);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async exitCode(): Promise<number | null> {
    await this.#exited;
    return this.#child.exitCode;
  }
}

/** What the first signal makes it say. */
function ending(signal: NodeJS.Signals): unknown {
  return expect.stringMatching(new RegExp(`INFO \\(test\\): ${signal}: ending when work in progress is finished\\.$`));
}

describe("A service as a process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("closes in reverse order on %s and exits 0", async (signal) => {
    const run = new Run(`own(open("store")); own(open("log")); own(open("bus")); say("ready");`);
    await run.hears("ready");
    run.signal(signal);
    expect(await run.exitCode()).toBe(0);
    expect(run.lines).toEqual(["ready", ending(signal), "closed bus", "closed log", "closed store"]);
  });

  test("that is stopped while it still starts closes what it has and exits 0", async () => {
    const run = new Run(
      `own(open("log")); say("ready"); await new Promise((_, no) => signal.addEventListener("abort", () => no(new Error("given up"))));`,
    );
    await run.hears("ready");
    run.signal("SIGTERM");
    expect(await run.exitCode()).toBe(0);
    expect(run.lines).toEqual(["ready", ending("SIGTERM"), "closed log"]);
  });

  test("that stops by itself exits 0", async () => {
    const run = new Run(`own(open("log")); stop();`);
    expect(await run.exitCode()).toBe(0);
    expect(run.lines).toEqual(["closed log"]);
  });

  test("that cannot start says why in one line and exits 1", async () => {
    const run = new Run(`own(open("log")); throw new TopologyError("inequivalent arg");`);
    expect(await run.exitCode()).toBe(1);
    expect(run.lines).toEqual([
      expect.stringMatching(/FATAL \(test\): The broker already has .* declared differently: inequivalent arg\. .* start again\.$/),
      "closed log",
    ]);
  });

  test("names each mistake of its configuration and exits 1", async () => {
    const run = new Run(`throw new ConfigError(["FRAME_ROWS must be 1.", "AMQP_URL is not set."]);`);
    expect(await run.exitCode()).toBe(1);
    expect(run.lines).toEqual(["The configuration has 2 mistakes:", "  - FRAME_ROWS must be 1.", "  - AMQP_URL is not set."]);
  });

  test("that fails later closes what it has and exits 1", async () => {
    const run = new Run(`own(open("log")); setTimeout(() => fail(new RangeError("the disk is full")), 10);`);
    expect(await run.exitCode()).toBe(1);
    expect(run.lines).toEqual([expect.stringMatching(/FATAL \(test\): the disk is full$/), "closed log"]);
  });

  test("that forgets to catch an error closes what it has and exits 1", async () => {
    const run = new Run(`own(open("log")); setTimeout(() => Promise.reject(new RangeError("forgotten")), 10);`);
    expect(await run.exitCode()).toBe(1);
    expect(run.lines.at(-1)).toBe("closed log");
    expect(run.lines.join()).toMatch(/forgotten/);
  });

  test("that cannot close one thing closes the others and exits 1", async () => {
    const run = new Run(`own(open("log")); own({ close: () => { throw new RangeError("stuck"); } }); own(open("bus")); stop();`);
    expect(await run.exitCode()).toBe(1);
    expect(run.lines).toEqual(["closed bus", expect.stringMatching(/FATAL \(test\): stuck$/), "closed log"]);
  });

  test("ends at once on a second signal, with 2", async () => {
    const run = new Run(`own({ close: () => { say("closing"); return new Promise(() => {}); } }); say("ready");`);
    await run.hears("ready");
    run.signal("SIGTERM");
    await run.hears("closing");
    run.signal("SIGTERM");
    expect(await run.exitCode()).toBe(2);
    expect(run.lines.at(-1)).toBe("SIGTERM again: ending at once.");
  });
});
