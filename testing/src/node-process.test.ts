import { expect, test } from "vitest";
import { startNode } from "./vitest/start-node.js";

/** A service of few words: it says where it answers, and has one metric. */
const SERVICE = `
  const server = require("node:http").createServer((request, response) => {
    response.statusCode = request.url === "/readyz" ? 200 : request.url === "/metrics" ? 200 : 404;
    response.end('# HELP rows\\nrows{side="a"} 3\\nrows_total 10\\n');
  });
  server.listen(0, "127.0.0.1", () => console.log("Health and metrics at http://127.0.0.1:" + server.address().port + "."));
`;

test("its lines of both streams come in order, and the end has both apart", async () => {
  const child = startNode(["--eval", `console.log("one"); console.error("two"); process.exitCode = 3;`]);
  expect(await child.ended()).toEqual({ code: 3, signal: null, stdout: "one\n", stderr: "two\n" });
  expect(child.lines.toSorted()).toEqual(["one", "two"]);
  expect(child.isOver).toBe(true);
});

test("waiting for what it never says fails with what it did say", async () => {
  const child = startNode(["--eval", `console.log("good bye");`]);
  await expect(child.says(/ready/)).rejects.toThrow("It ended without saying /ready/. It said:\ngood bye");
});

test("it has PATH and the variables that it is given, and no others", async () => {
  const child = startNode(["--eval", `console.log(Object.keys(process.env).toSorted().join());`], { env: { FRAME_ROWS: "1" } });
  expect((await child.ended()).stdout).toBe("FRAME_ROWS,PATH\n");
});

test("its input is at an end, or open", async () => {
  const echo = ["--eval", `process.stdin.on("data", (text) => console.log(String(text).trim())).on("end", () => console.log("end"));`];
  await startNode(echo).says(/^end$/);
  const open = startNode(echo, { stdin: "pipe" });
  open.child.stdin?.write("hello\n");
  await open.says(/^hello$/);
});

test("a service is asked at the address that it says", async () => {
  const service = startNode(["--eval", SERVICE]);
  await expect(service.isReady()).rejects.toThrow("It has not said yet where it answers.");
  await service.says(/Health and metrics/);
  expect(await service.isReady()).toBe(true);
  expect(await service.metrics(['rows{side="a"}', "rows", "rows_total"])).toEqual([3, undefined, 10]);
  expect((await service.ask("/livez")).status).toBe(404);
  await service.kill();
  expect(await service.exited).toEqual({ code: null, signal: "SIGKILL" });
});

test("a warning of Node is found", async () => {
  const child = startNode(["--eval", `process.emitWarning("listeners pile up", "PileWarning"); console.error("(node:x) my own");`]);
  await child.ended();
  expect(child.nodeWarning).toMatch(/^\(node:\d+\) PileWarning: listeners pile up$/);
});
