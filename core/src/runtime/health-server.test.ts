import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { HealthAddressError, openHealthServer } from "./health-server.js";

async function openAt(port: number) {
  const server = await openHealthServer({ host: "127.0.0.1", port, registry: new Registry(), ready: () => true });
  onTestFinished(() => server.close());
  return server;
}

test("a port that is taken is said to be, with the settings that choose another", async () => {
  const port = Number(new URL((await openAt(0)).url).port);
  const second = openAt(port);
  await expect(second).rejects.toThrow(HealthAddressError);
  await expect(second).rejects.toThrow(
    `Health checks cannot be answered at 127.0.0.1:${port} (listen EADDRINUSE: address already in use 127.0.0.1:${port}): ` +
      "set HTTP_HOST and HTTP_PORT to an address that is free.",
  );
});
