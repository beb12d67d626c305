import { captureLog } from "@streamgauge/testing";
import { createConnection, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { testGateway } from "../testing/test-gateway.js";
import { openApp } from "./app.js";

const HALF = "POST /jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/csv\r\ncontent-length: 1000\r\n\r\na\n1\n";

/** Opens a connection and sends a text on it. */
function open(port: number, sent: string) {
  const socket = createConnection({ port, host: "127.0.0.1" });
  socket.write(sent);
  onTestFinished(() => void socket.destroy());
  return socket;
}

test("a connection on which nothing comes any more is closed", async () => {
  const app = await openApp({ log: captureLog().log, rateLimit: 100, apiKeys: [], idleMs: 100 }, async (routes) => {
    routes.post("/jobs", () => "");
  });
  onTestFinished(() => app.close());
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  expect(await text(open(port, HALF.replace("text/csv", "application/json")))).toBe("");
});

test("what is no request is answered with a problem too", async () => {
  const { url } = await testGateway();
  const said = await text(open(Number(new URL(url).port), "NONSENSE\r\n\r\n"));
  expect(said).toMatch(/^HTTP\/1.1 400 Bad Request\r\ncontent-type: application\/problem\+json\r\n/);
  expect(said).toContain('"detail":"The request is not HTTP."');
});
