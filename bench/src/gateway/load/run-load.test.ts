import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { DIABETES_PRED } from "@streamgauge/testing";
import { runLoad } from "./run-load.js";

let server: Server | undefined;
afterEach(() => server?.close());

/** A gateway that knows all answers but that to request `wrong`. */
async function gatewayThat(answersWrong: (n: number) => boolean): Promise<string> {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.once("end", () => {
      const { id }: { id: string } = JSON.parse(body);
      const n = Number(id.split("-")[1]);
      const value = DIABETES_PRED[n % 442] ?? 0;
      response.end(JSON.stringify({ id, y_pred: answersWrong(n) ? value + 1 : value }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const LOAD = { request: "predictions", connections: 2, warmUpSeconds: 0, seconds: 1 } as const;

test("right answers have figures", async () => {
  const { connections, requestsPerSecond, rowsPerSecond, p50, p99 } = await runLoad({ url: await gatewayThat(() => false), ...LOAD });
  expect(connections).toBe(2);
  expect(requestsPerSecond).toBeGreaterThan(0);
  expect(rowsPerSecond).toBe(requestsPerSecond);
  expect(p99).toBeGreaterThanOrEqual(p50);
});

test("a single wrong answer fails the measurement", async () => {
  const url = await gatewayThat((n) => n === 3);
  await expect(runLoad({ url, ...LOAD })).rejects.toThrow(
    /^1 of \d+ requests were not answered right; the first: status 200, \{"id":".*-3"/,
  );
});

test("a gateway that is not there fails it", async () => {
  await expect(runLoad({ url: "http://127.0.0.1:1", ...LOAD })).rejects.toThrow("no answer");
});
