import { CHAMPION, MemoryBroker, MemoryBus, topologyOf, withGateway, type Bus } from "@streamgauge/core";
import { captureLog } from "@streamgauge/testing";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Registry } from "prom-client";
import { onTestFinished } from "vitest";
import type { GatewayOptions } from "../gateway-options.js";
import { startGateway } from "../service.js";

export const TOPOLOGY: ReturnType<typeof topologyOf> = withGateway(topologyOf([CHAMPION]), CHAMPION);

/** A gateway for one test, on a free port, with a broker in memory unless a bus is given. */
export async function testGateway(options: Partial<GatewayOptions> = {}) {
  const broker = new MemoryBroker(TOPOLOGY);
  const logs = captureLog("gateway");
  const bus = (name: string): Bus => new MemoryBus(broker, name, logs.log);
  const logsDir = mkdtempSync(join(tmpdir(), "streamgauge-gateway-"));
  const link = options.bus ?? bus("gateway");
  const gateway = await startGateway({
    bus: link,
    log: logs.log,
    registry: new Registry(),
    lane: CHAMPION,
    model: () => ({ label: "", features: [], kinds: [] }),
    textColumns: [],
    logsDir,
    host: "127.0.0.1",
    port: 0,
    apiKeys: "",
    open: false,
    databaseUrl: "",
    retentionMs: 0,
    rabbitPageUrl: "",
    statusUrls: "",
    rateLimit: 1_000_000,
    ...options,
  });
  onTestFinished(async () => {
    await gateway.close();
    await link.close();
    rmSync(logsDir, { recursive: true, force: true });
  });
  const post = (path: string, body: string | Uint8Array, type = "application/json", headers: Record<string, string> = {}) =>
    fetch(gateway.url + path, { method: "POST", body, headers: { "content-type": type, ...headers } });
  return { gateway, url: gateway.url, bus, link, logs, logsDir, post };
}
