// `npm run bench:gateway [rows]`: measures the gateway with real services as processes, on a RabbitMQ and a PostgreSQL of its own:
// NDJSON in, predictions that are waited for, and a job during which gateway, model and database are killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { prepare } from "./prepare.mjs";

prepare();
const { freePorts, startPrivateBroker, startPrivatePostgres } = await import("../testing/dist/index.js");

const ROWS = Number(process.argv[2] ?? 1_000_000);
const INGRESS_ROWS = 300_000;
const WAITED_PER_SECOND = 200;
const WAITED_SECONDS = 20;
const CHUNK_LINES = 442;

const root = fileURLToPath(new URL("..", import.meta.url));
const [header, ...records] = readFileSync(join(root, "features/assets/diabetes.csv"), "utf8").trim().split("\n");
const names = header.split(",");
const rowsOfStudy = records.map((record) => {
  const cells = record.split(",").map(Number);
  return Object.fromEntries(names.map((name, i) => [name, cells[i]]));
});
const featuresOf = (row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== "target"));

const logsDir = mkdtempSync(join(tmpdir(), "streamgauge-gateway-bench-"));
const [broker, postgres, [port]] = [await startPrivateBroker(), await startPrivatePostgres(), await freePorts(1)];
const url = `http://127.0.0.1:${port}`;
const env = {
  PATH: process.env.PATH,
  AMQP_URL: broker.url,
  LOGS_DIR: logsDir,
  DATABASE_URL: postgres.url(),
  GATEWAY_PORT: String(port),
  GATEWAY_RATE_LIMIT: "1000000",
};
const services = new Map();
let peak = 0;
// However it ends, nothing is left running.
process.on("exit", () => {
  for (const service of services.values()) service.kill("SIGKILL");
});

try {
  for (const name of ["metrics", "model", "gateway"]) await start(name);
  await ingress();
  await waited();
  await atOnce();
  await job();
} finally {
  await postgres.stop();
  await broker.stop();
  rmSync(logsDir, { recursive: true, force: true });
}
process.exit(0);

async function start(name) {
  const service = spawn(process.execPath, ["--max-semi-space-size=32", join(root, name, "dist/main.js")], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  services.set(name, service);
  service.stdout.setEncoding("utf8");
  let said = "";
  for await (const text of service.stdout.iterator({ destroyOnReturn: false })) {
    said += text;
    if (/The gateway is at|scores lane|predictions are pending\./.test(said)) break;
  }
  service.stdout.resume();
}

async function kill(name) {
  const service = services.get(name);
  if (name === "gateway") notePeak();
  service.kill("SIGKILL");
  await once(service, "exit");
  await start(name);
}

/** The largest memory that the gateway had. */
function notePeak() {
  const status = readFileSync(`/proc/${services.get("gateway").pid}/status`, "utf8");
  peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

function print(what, value) {
  process.stdout.write(`${what.padEnd(52)} ${value}\n`);
}

async function ask(path, options) {
  const answer = await fetch(url + path, options);
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

/** Streams a body. @returns the answer's body. */
function upload(path, type, chunks) {
  return new Promise((resolve, reject) => {
    const sent = request(url + path, { method: "POST", headers: { "content-type": type } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.once("end", () => resolve(JSON.parse(text)));
    });
    sent.once("error", reject);
    Readable.from(chunks, { objectMode: false }).pipe(sent);
  });
}

async function ingress() {
  const chunk = Buffer.from(rowsOfStudy.map((row) => `${JSON.stringify({ features: featuresOf(row) })}\n`).join(""));
  const count = Math.ceil(INGRESS_ROWS / CHUNK_LINES);
  const began = performance.now();
  const { accepted } = await upload(
    "/rows",
    "application/x-ndjson",
    (function* () {
      for (let i = 0; i < count; i += 1) yield chunk;
    })(),
  );
  const seconds = (performance.now() - began) / 1_000;
  print("NDJSON ingress, rows confirmed a second", `${Math.round(accepted / seconds)}   (${accepted} rows)`);
  await idle();
}

/** Until the model has nothing left of what came before. */
async function idle() {
  for (;;) {
    const { body } = await ask("/status");
    if (Object.values(body.rabbitmq.queues).every((depth) => depth === 0)) return;
    await delay(200);
  }
}

function predict(row) {
  const body = JSON.stringify({ features: featuresOf(row) });
  return ask("/predictions?wait=30", { method: "POST", headers: { "content-type": "application/json" }, body });
}

async function waited() {
  const total = WAITED_PER_SECOND * WAITED_SECONDS;
  const took = [];
  const began = performance.now();
  const all = [];
  for (let i = 0; i < total; i += 1) {
    const due = began + (i * 1_000) / WAITED_PER_SECOND;
    if (due > performance.now()) await delay(due - performance.now());
    all.push(
      (async () => {
        // From when it was due: a client that falls behind does not hide it.
        const { status } = await predict(rowsOfStudy[i % 442]);
        if (status !== 200) throw new Error(`A waited prediction was answered with ${status}.`);
        took.push(performance.now() - due);
      })(),
    );
  }
  await Promise.all(all);
  // The first second warms up.
  const sorted = took.slice(WAITED_PER_SECOND).sort((one, other) => one - other);
  const at = (share) => sorted[Math.floor(share * sorted.length)].toFixed(1);
  print(`waited predictions at ${WAITED_PER_SECOND}/s, p50 / p95 / p99 ms`, `${at(0.5)} / ${at(0.95)} / ${at(0.99)}   (${sorted.length})`);
}

async function atOnce() {
  const alone = await Promise.all(rowsOfStudy.slice(0, 50).map(predict));
  const began = performance.now();
  const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => predict(rowsOfStudy[i % 50])));
  const own = answers.filter(({ status, body }, i) => status === 200 && Math.abs(body.y_pred - alone[i % 50].body.y_pred) < 1e-3).length;
  print("1,000 waits at once, each its own answer", `${own}   (in ${Math.round(performance.now() - began)} ms)`);
}

async function restartDatabase() {
  await postgres.kill();
  await delay(1_000);
  await postgres.start();
}

async function job() {
  const chunk = Buffer.from(`${records.join("\n")}\n`);
  let began = performance.now();
  const { id, rows } = await upload(
    "/jobs?target=target",
    "text/csv",
    (function* () {
      yield `${header}\n`;
      for (let i = 0; i < Math.floor(ROWS / 442); i += 1) yield chunk;
      yield (
        records
          .slice(0, ROWS % 442)
          .map((record) => `${record}\n`)
          .join("") || "\n"
      );
    })(),
  );
  print("job: rows stored a second", `${Math.round(rows / ((performance.now() - began) / 1_000))}   (${rows} rows)`);
  notePeak();
  began = performance.now();
  await ask(`/jobs/${id}/run`, { method: "POST" });
  const faults = [
    { at: 0.2, what: "gateway", inflict: () => kill("gateway") },
    { at: 0.4, what: "model", inflict: () => kill("model") },
    { at: 0.6, what: "database", inflict: restartDatabase },
    { at: 0.8, what: "gateway", inflict: () => kill("gateway") },
  ];
  for (;;) {
    const { status, body } = await ask(`/jobs?limit=1`).catch(() => ({ status: 0, body: {} }));
    const found = body.items?.[0];
    if (status === 200 && !["created", "running"].includes(found.status)) break;
    const [next] = faults;
    if (status === 200 && next !== undefined && found.progress >= next.at) {
      print(`job: ${next.what} killed at`, `${Math.round(found.progress * 100)} %`);
      faults.shift();
      await next.inflict();
    }
    await delay(50);
  }
  const seconds = (performance.now() - began) / 1_000;
  notePeak();
  const { body } = await ask(`/jobs/${id}`);
  const results = await fetch(`${url}/jobs/${id}/results`);
  let next = -1;
  let wrong = 0;
  let rest = "";
  const first = [];
  for await (const part of results.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      next += 1;
      if (next === 0) continue;
      const [row, , yPred] = line.split(",");
      const expected = first[(next - 1) % 442] ?? Number(yPred);
      if (next <= 442) first.push(Number(yPred));
      if (Number(row) !== next - 1 || yPred === "" || Math.abs(Number(yPred) - expected) > 1e-3) wrong += 1;
    }
  }
  print("job: status, rows done, failed", `${body.status}, ${body.done}, ${body.failed}`);
  print("job: results in order, wrong or missing", `${next}, ${wrong + rows - next}`);
  print("job: rows a second, kills included", String(Math.round(rows / seconds)));
  print("job: MAE (scikit-learn: 43.27745 of the 442)", String(body.statistics.mae));
  print("gateway: largest memory, MB", String(Math.round(peak)));
}
