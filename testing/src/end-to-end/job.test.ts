import { Deferred } from "@streamgauge/core";
import { freshVhost } from "../index.js";
import { startPrivatePostgres, until } from "../index.js";
import { answerSums, startModelServer } from "../vitest/index.js";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { compile } from "./harness/compile.js";
import { temporaryFolder } from "../vitest/index.js";
import { WrittenLog } from "./harness/metric-log.js";
import { startService } from "./harness/program.js";
import type { NodeProcess } from "../node-process.js";

vi.setConfig({ testTimeout: 120_000 });
beforeAll(compile);

const ROWS = 40_000;
const FEATURES = "a,b,c,d,e,f,g,h,i,j";

/** A server that scores a row as the sum of its features, and no more rows than it is allowed to. */
async function startGatedServer() {
  let allowed = 0;
  let scored = 0;
  let [opened, held] = [new Deferred<void>(), new Deferred<void>()];
  const server = await startModelServer({
    metadata: { versions: ["3"], inputs: [{ name: "x", datatype: "FP64", shape: [-1, 10] }] },
    infer: async (asked, response) => {
      const rows = asked.inputs[0]?.shape[0] ?? 0;
      while (scored + rows > allowed) {
        held.resolve();
        await opened.promise;
      }
      scored += rows;
      answerSums(asked, response);
    },
  });
  return {
    url: server.url,
    /** Lets it score so many rows more, and resolves when it has a call that is beyond them. */
    allow: async (rows: number): Promise<void> => {
      allowed += rows;
      held = new Deferred();
      opened.resolve();
      opened = new Deferred();
      if (rows < Infinity) await held.promise;
    },
  };
}

async function startGateway(env: Readonly<Record<string, string>>): Promise<{ readonly program: NodeProcess; readonly url: string }> {
  const program = startService("gateway", env);
  const [url = ""] = /http:\/\/[\d.:]+\d/.exec(await program.says(/The gateway is at /)) ?? [];
  return { program, url };
}

async function startModel(env: Readonly<Record<string, string>>): Promise<NodeProcess> {
  const model = startService("model", env);
  await model.says(/ scores lane champion/);
  return model;
}

async function kill(program: NodeProcess): Promise<void> {
  program.signal("SIGKILL");
  await program.ended();
}

test("a job has every result once after the model, the gateway, the database and the gateway again were killed in its middle", async () => {
  const postgres = await startPrivatePostgres();
  onTestFinished(() => postgres.stop());
  const server = await startGatedServer();
  const folder = temporaryFolder();
  const vhost = await freshVhost("job");
  const env = { AMQP_URL: vhost, LOGS_DIR: folder, DATABASE_URL: postgres.url(), GATEWAY_PORT: "0", MODEL_URL: server.url, FEATURES };
  const scoring = { ...env, BATCH_ROWS: "1000", MODEL_CONCURRENCY: "1" };
  startService("metrics", env);
  let model = await startModel(scoring);
  let gateway = await startGateway(env);
  interface Job {
    readonly id: string;
    readonly status: string;
    readonly done: number;
    readonly statistics: { readonly count: number; readonly mae: number };
  }
  const ask = async (path: string, options: RequestInit = {}): Promise<Job> =>
    JSON.parse(await (await fetch(gateway.url + path, options)).text());
  const lines = Array.from({ length: ROWS }, (_, i) => `${i},1,1,1,1,1,1,1,1,1,${i + 10}`);
  const body = `${FEATURES},y_true\n${lines.join("\n")}\n`;
  const { id } = await ask("/jobs", { method: "POST", headers: { "content-type": "text/csv" }, body });
  await ask(`/jobs/${id}/run`, { method: "POST" });
  const done = (rows: number) => until(`${rows} rows are done`, async () => (await ask(`/jobs/${id}`)).done >= rows);

  await server.allow(9_000);
  await done(4_096);
  await kill(model);
  model = await startModel(scoring);
  await server.allow(10_000);
  await done(8_192);
  await kill(gateway.program);
  gateway = await startGateway(env);
  await server.allow(10_000);
  await postgres.kill();
  await server.allow(5_000);
  await postgres.start();
  await done(12_288);
  await kill(gateway.program);
  gateway = await startGateway(env);
  expect(await ask(`/jobs/${id}`)).toMatchObject({ status: "running" });
  await server.allow(Infinity);

  await until("the job is over", async () => (await ask(`/jobs/${id}`)).status !== "running");
  expect(await ask(`/jobs/${id}`)).toMatchObject({ status: "succeeded", done: ROWS, failed: 0, statistics: { count: ROWS, mae: 1 } });
  const results = (await (await fetch(`${gateway.url}/jobs/${id}/results`)).text()).trimEnd().split("\n").slice(1);
  expect(results).toEqual(lines.map((_, i) => `${i},${id}-${i},${i + 9},${i + 10},1,`));
  const log = new WrittenLog(folder);
  await log.has(ROWS);
  expect([log.lines.length, new Set(log.ids).size]).toEqual([ROWS, ROWS]);
});
