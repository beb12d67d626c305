import { CHAMPION, MemoryBroker, MemoryBus, registryOf, topologyOf, withGateway, type Bus, type ServiceLink } from "@streamgauge/core";
import { captureLog, startServiceOn } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { onTestFinished } from "vitest";
import type { ServedModel } from "../served-model.js";
import { SETTINGS, start } from "../start.js";

export const TOPOLOGY: ReturnType<typeof topologyOf> = withGateway(topologyOf([CHAMPION]), CHAMPION);

/** What a test may put in the place of a gateway's surroundings. */
export interface GatewaySurroundings {
  /** Default: one on a broker in memory. */
  readonly bus?: Bus;
  readonly registry?: ServiceLink["registry"];
  /** Default: an unknown one. */
  readonly model?: () => ServedModel;
}

/** A gateway for one test, on a free port. @param settings - as a user gives them. */
export async function testGateway(
  settings: Readonly<Record<string, string>> = {},
  { bus: given, registry = registryOf(CHAMPION), model = () => ({ label: "", features: [], kinds: [] }) }: GatewaySurroundings = {},
) {
  const broker = new MemoryBroker(TOPOLOGY);
  const logs = captureLog("gateway");
  const bus = (name: string): Bus => new MemoryBus(broker, name, logs.log);
  const logsDir = temporaryFolder();
  const link = given ?? bus("gateway");
  const { running: gateway, close } = await startServiceOn(
    link,
    { SETTINGS, start: (scope, config, linked) => start(scope, config, { ...linked, registry }, model) },
    { LOGS_DIR: logsDir, GATEWAY_PORT: "0", GATEWAY_RATE_LIMIT: "1000000", ...settings },
    { log: logs.log },
  );
  onTestFinished(async () => {
    await close();
    await link.close();
  });
  const post = (path: string, body: string | Uint8Array, type = "application/json", headers: Record<string, string> = {}) =>
    fetch(gateway.url + path, { method: "POST", body, headers: { "content-type": type, ...headers } });
  return { gateway, url: gateway.url, bus, link, logs, logsDir, post };
}
