import type { NodeProcess } from "@streamgauge/testing";
import { startNode } from "@streamgauge/testing/vitest";
import { describe, expect, test } from "vitest";

/** A process of its own has no TypeScript, so that these tests run what `npm run build` made. */
const BUILT = new URL("../../dist/index.js", import.meta.url).href;

/** A process that runs a service. @param start - the body of the service's start function. */
function run(start: string): NodeProcess {
  const program = `
    import { ConfigError, createLogger, runService, TopologyError } from ${JSON.stringify(BUILT)};
    const say = (what) => process.stdout.write(what + "\\n");
    const open = (name) => ({ close: () => say("closed " + name) });
    setInterval(() => {}, 1_000);
    await runService(() => createLogger("test", "info"), async ({ own, signal, stop, fail }) => { ${start} });`;
  return startNode(["--input-type=module", "--eval", program]);
}

/** What the first signal makes it say. */
function ending(signal: NodeJS.Signals): unknown {
  return expect.stringMatching(new RegExp(`INFO \\(test\\): ${signal}: ending when work in progress is finished\\.$`));
}

describe("A service as a process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("closes in reverse order on %s and exits 0", async (signal) => {
    const service = run(`own(open("store")); own(open("log")); own(open("bus")); say("ready");`);
    await service.says(/^ready$/);
    service.signal(signal);
    expect((await service.ended()).code).toBe(0);
    expect(service.lines).toEqual(["ready", ending(signal), "closed bus", "closed log", "closed store"]);
  });

  test("that is stopped while it still starts closes what it has and exits 0", async () => {
    const service = run(
      `own(open("log")); say("ready"); await new Promise((_, no) => signal.addEventListener("abort", () => no(new Error("given up"))));`,
    );
    await service.says(/^ready$/);
    service.signal("SIGTERM");
    expect((await service.ended()).code).toBe(0);
    expect(service.lines).toEqual(["ready", ending("SIGTERM"), "closed log"]);
  });

  test("that stops by itself exits 0", async () => {
    const service = run(`own(open("log")); stop();`);
    expect((await service.ended()).code).toBe(0);
    expect(service.lines).toEqual(["closed log"]);
  });

  test("that cannot start says why in one line and exits 1", async () => {
    const service = run(`own(open("log")); throw new TopologyError("inequivalent arg");`);
    expect((await service.ended()).code).toBe(1);
    expect(service.lines).toEqual([
      expect.stringMatching(/FATAL \(test\): The broker already has .* declared differently: inequivalent arg\. .* start again\.$/),
      "closed log",
    ]);
  });

  test("names each mistake of its configuration and exits 1", async () => {
    const service = run(`throw new ConfigError(["FRAME_ROWS must be 1.", "AMQP_URL is not set."]);`);
    expect((await service.ended()).code).toBe(1);
    expect(service.lines).toEqual(["The configuration has 2 mistakes:", "  - FRAME_ROWS must be 1.", "  - AMQP_URL is not set."]);
  });

  test("that fails later closes what it has and exits 1", async () => {
    const service = run(`own(open("log")); setTimeout(() => fail(new RangeError("the disk is full")), 10);`);
    expect((await service.ended()).code).toBe(1);
    expect(service.lines).toEqual([expect.stringMatching(/FATAL \(test\): the disk is full$/), "closed log"]);
  });

  test("that forgets to catch an error closes what it has and exits 1", async () => {
    const service = run(`own(open("log")); setTimeout(() => Promise.reject(new RangeError("forgotten")), 10);`);
    expect((await service.ended()).code).toBe(1);
    expect(service.lines.at(-1)).toBe("closed log");
    expect(service.lines.join()).toMatch(/forgotten/);
  });

  test("that cannot close one thing closes the others and exits 1", async () => {
    const service = run(`own(open("log")); own({ close: () => { throw new RangeError("stuck"); } }); own(open("bus")); stop();`);
    expect((await service.ended()).code).toBe(1);
    expect(service.lines).toEqual(["closed bus", expect.stringMatching(/FATAL \(test\): stuck$/), "closed log"]);
  });

  test("ends at once on a second signal, with 2", async () => {
    const service = run(`own({ close: () => { say("closing"); return new Promise(() => {}); } }); say("ready");`);
    await service.says(/^ready$/);
    service.signal("SIGTERM");
    await service.says(/^closing$/);
    service.signal("SIGTERM");
    expect((await service.ended()).code).toBe(2);
    expect(service.lines.at(-1)).toBe("SIGTERM again: ending at once.");
  });
});
