import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CHAMPION, featuresContract, MemoryBroker, MemoryBus, queuesOf, topologyOf } from "@streamgauge/core";
import { captureLog, freePorts, Inbox, until } from "@streamgauge/testing";
import { startNode, temporaryFolder } from "@streamgauge/testing/vitest";
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { startSources } from "./service.js";
import { readSourcesFile, type SourceConfig } from "./sources-file.js";

const EXAMPLE = fileURLToPath(new URL("../../../examples/sources", import.meta.url));

/** Sources that run, and what they send. */
async function run(sources: ReadonlyMap<string, SourceConfig>) {
  const broker = new MemoryBroker(topologyOf([CHAMPION]));
  const { log, lines } = captureLog();
  const registry = new Registry();
  const inbox = new Inbox();
  await new MemoryBus(broker, "model", log).consume(queuesOf(CHAMPION).features, inbox.handler, { prefetch: 10_000 });
  const running = startSources({ bus: new MemoryBus(broker, "features", log), log, registry, sources, frameRows: 1, frameFormat: "json" });
  onTestFinished(() => running.close());
  const rows = async (count: number) => (await inbox.first(count)).map((delivery) => featuresContract.read(delivery).frame);
  return { rows, inbox, lines, registry };
}

/** A server that answers each request with the next of these; the last one stays. */
async function server(answers: readonly ((response: ServerResponse) => void)[]): Promise<string> {
  const [port = 0] = await freePorts(1);
  let asked = 0;
  const made = createServer((_, response) => answers[Math.min(asked++, answers.length - 1)]?.(response)).listen(port, "127.0.0.1");
  await once(made, "listening");
  onTestFinished(() => {
    made.closeAllConnections();
    made.close();
  });
  return `http://127.0.0.1:${port}/`;
}

const json = (body: unknown) => (response: ServerResponse) => void response.end(JSON.stringify(body));
const source = (url: string, more: Partial<SourceConfig> = {}): SourceConfig => ({
  url,
  everySeconds: 0.1,
  key: "id",
  fields: { a: "a" },
  ...more,
});

function fileOf(text: string): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "sources.json"), text);
  return join(folder, "sources.json");
}

describe("HTTP sources", () => {
  test("of the worked example make full rows of two halves", async () => {
    const said = await startNode([join(EXAMPLE, "serve.mjs")], { env: { PORT: "0" } }).says(/http:/);
    const url = /http:\S+/.exec(said)?.[0] ?? "";
    const path = fileOf(readFileSync(join(EXAMPLE, "sources.json"), "utf8").replaceAll("http://127.0.0.1:8090", url));
    const { rows } = await run(readSourcesFile(path, { LABS_TOKEN: "secret" }));
    const frames = await rows(442);
    expect(new Set(frames.map(({ ids }) => ids.at(0).split("@")[0])).size).toBe(442);
    const first = frames.find(({ ids }) => ids.at(0).startsWith("patient-1@"));
    expect(Object.fromEntries([...(first?.columns ?? [])].map(([name, [value]]) => [name, value]))).toEqual({
      age: 59,
      sex: 2,
      bmi: 32.1,
      bp: 101,
      s1: 157,
      s2: 93.2,
      s3: 38,
      s4: 4,
      s5: 4.8598,
      s6: 87,
    });
  });

  test("send a row when it is complete and when it has changed, and show those that wait", async () => {
    const one = await server([
      json([
        { id: 1, a: 1 },
        { id: 2, a: 1 },
      ]),
      json([{ id: 1, a: 1 }]),
      json([{ id: 1, a: 5 }]),
    ]);
    const two = await server([json([{ id: 1, b: 2 }])]);
    const { rows, registry } = await run(
      new Map([
        ["one", source(one)],
        ["two", source(two, { fields: { b: "b" } })],
      ]),
    );
    const frames = await rows(2);
    expect(frames.map(({ columns }) => [...columns.values()].map(([value]) => value))).toEqual([
      [1, 2],
      [5, 2],
    ]);
    const metrics = await registry.metrics();
    expect(metrics).toContain('streamgauge_features_source_rows{state="partial"} 1');
    expect(metrics).toContain('streamgauge_features_source_rounds_total{source="two",outcome="failed"} 0');
  });

  test("are tried again if they fail for a while, and named if they fail for good; others go on", async () => {
    const busy = await server([
      (response) => void response.writeHead(503).end(),
      (response) => response.destroy(),
      json([{ id: 1, a: 1 }]),
    ]);
    const wrong = await server([(response) => void response.writeHead(403).end()]);
    const { rows, lines } = await run(
      new Map([
        ["busy", source(busy)],
        ["wrong", source(wrong, { fields: { b: "b" } })],
      ]),
    );
    const only = await run(new Map([["busy", source(busy)]]));
    expect((await only.rows(1))[0]?.ids.at(0)).toMatch(/^1@/);
    expect(lines.join("\n")).toContain("Source wrong: it answers 403: check its url and headers.");
    void rows;
  });

  test("pass over rows that cannot be used, and name the first", async () => {
    const text = (body: string) => (response: ServerResponse) => void response.end(body);
    const url = await server([text('[{"a":1},{"id":1790000000000000001,"a":1},{"id":1,"a":{"b":1}},{"id":2,"a":true},{"id":3,"a":"x"}]')]);
    const { rows, lines, registry } = await run(new Map([["mixed", source(url)]]));
    const frames = await rows(2);
    expect(frames.map(({ ids, columns }) => [ids.at(0).split("@")[0], columns.get("a")?.[0]])).toEqual([
      ["2", 1],
      ["3", "x"],
    ]);
    const said = () => lines.filter((line) => line.includes("passed over"));
    await until("it is said", said, ({ length }) => length > 0);
    expect(said()).toEqual([
      expect.stringContaining("Source mixed: 3 rows were passed over, the first because a row has no key of 1 to 96 characters at id."),
    ]);
    const only = await run(new Map([["large", source(await server([text('[{"id":1790000000000000001,"a":1}]')]))]]));
    await until(
      "it is said",
      () => only.lines.join(),
      (all) => all.includes("is a number beyond 2^53, which is not read exactly"),
    );
    expect(await registry.metrics()).toMatch(/streamgauge_features_source_rows_refused_total\{source="mixed"\} [36]/);
  });

  test("time out", async () => {
    const silent = await server([() => undefined, json([{ id: 1, a: 1 }])]);
    const { rows } = await run(new Map([["silent", source(silent, { timeoutSeconds: 0.1 })]]));
    expect((await rows(1))[0]?.ids.length).toBe(1);
  });
});

describe("the file of sources", () => {
  const valid = { url: "http://x/", everySeconds: 1, key: "id", fields: { a: "a" } };

  test.each([
    ["no JSON", "{", /cannot be read/],
    ["a missing field", JSON.stringify({ sources: { one: { ...valid, url: undefined } } }), /is not what it must be: \/sources\/one/],
    ["a feature twice", JSON.stringify({ sources: { one: valid, two: valid } }), /names the feature "a" in one and in two/],
    [
      "a variable that is not set",
      JSON.stringify({ sources: { one: { ...valid, headers: { x: "${TOKEN}" } } } }),
      /needs the variable TOKEN, which is not set/,
    ],
  ])("is refused with the reason for %s", (_, text, message) => {
    expect(() => readSourcesFile(fileOf(text), {})).toThrow(message);
  });
});
