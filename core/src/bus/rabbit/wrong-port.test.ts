import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { captureLog } from "@streamgauge/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { RabbitBus } from "./bus.js";
import { topologyOf } from "../topology.js";

/** What is said of a link to that server. */
async function saidOf(scheme: string, server: Server): Promise<string> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { log, lines } = captureLog("model");
  const giveUp = new AbortController();
  const { port } = server.address() as AddressInfo;
  const url = `${scheme}://user:secret@127.0.0.1:${port}`;
  const connecting = RabbitBus.connect({ url, topology: topologyOf([]), name: "model", log, signal: giveUp.signal }).catch(() => undefined);
  await vi.waitFor(() => expect(lines.length).toBeGreaterThan(0), { timeout: 20_000 });
  giveUp.abort();
  await connecting;
  return lines.join("\n").replaceAll(String(port), "PORT");
}

test("amqps:// to a port without TLS says which URL to write", async () => {
  // RabbitMQ answers what is no greeting of AMQP with its own.
  const plain = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])));
  });
  expect(await saidOf("amqps", plain)).toContain(
    "RabbitMQ at 127.0.0.1:PORT cannot be used: it does not speak TLS there. Write AMQP_URL=amqp://… for this port, or amqps:// with the port for TLS, usually 5671.",
  );
});

test("amqp:// to a port for TLS says which URL to write", async () => {
  const secure = createTlsServer({});
  secure.on("tlsClientError", () => undefined);
  const said = await saidOf("amqp", secure);
  expect(said).toContain(
    "RabbitMQ at 127.0.0.1:PORT cannot be used: Socket closed abruptly during opening handshake. If this is its port for TLS, usually 5671, write AMQP_URL=amqps://….",
  );
  expect(said).not.toContain("secret");
});
