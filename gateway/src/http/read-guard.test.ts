import { describe, expect, test } from "vitest";
import { testGateway } from "../testing/test-gateway.js";

const READ = "read-0123456789abcdef";
const WRITE = "write-0123456789abcdef";
const KEYS = { READ_KEYS: READ, API_KEYS: WRITE };
const ROW = '{"id":"a","features":{"x":1}}';

describe("reading, if there are keys for it", () => {
  test("needs one, whatever is read", async () => {
    const { url } = await testGateway(KEYS);
    const statusOf = async (path: string, headers: Record<string, string> = {}, method = "GET") =>
      (await fetch(url + path, { method, headers, redirect: "manual" })).status;
    for (const path of [
      "/",
      "/windows",
      "/events",
      "/logs",
      "/logs/metric_log.csv",
      "/status",
      "/jobs",
      "/predictions",
      "/openapi.json",
      "/none",
    ])
      expect([path, await statusOf(path)]).toEqual([path, 401]);
    expect(await statusOf("/windows", {}, "HEAD")).toBe(401);
    for (const path of ["/login", "/page/page.css", "/v2/health/live"]) expect([path, await statusOf(path)]).toEqual([path, 200]);
    expect(await statusOf("/windows", { "x-api-key": READ })).toBe(200);
    expect(await statusOf("/windows", { authorization: `Bearer ${WRITE}` })).toBe(200);
    expect(await statusOf("/windows", { "x-api-key": "wrong" })).toBe(401);
    expect(await statusOf(`/windows?key=${READ}`)).toBe(401);
    const refused = await fetch(`${url}/windows`);
    expect(await refused.json()).toMatchObject({ detail: "Reading needs a key: send it as the header X-API-Key, or log in at /login." });
  });

  test("does not let its keys write", async () => {
    const { post } = await testGateway(KEYS);
    expect((await post("/rows", ROW, "application/json", { "x-api-key": READ })).status).toBe(401);
    expect((await post("/rows", ROW, "application/json", { "x-api-key": WRITE })).status).toBe(202);
  });

  test("is possible without sending a key each time, after a login", async () => {
    const { url, post } = await testGateway(KEYS);
    const page = await fetch(`${url}/?size=1h`, { headers: { accept: "text/html" }, redirect: "manual" });
    expect([page.status, page.headers.get("location")]).toEqual([303, "/login?to=%2F%3Fsize%3D1h"]);
    const login = async (key: string, headers: Record<string, string> = {}) =>
      post("/login", JSON.stringify({ key }), "application/json", headers);
    expect((await login("wrong")).status).toBe(401);
    expect((await login(READ, { origin: "https://evil.example" })).status).toBe(403);
    const done = await login(READ);
    expect(done.status).toBe(204);
    const cookie = done.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await fetch(`${url}/windows`, { headers: { cookie } })).status).toBe(200);
    expect((await fetch(`${url}/windows`, { headers: { cookie: `${cookie}x` } })).status).toBe(401);
    // A session is for reading: a page of another site could use it to write.
    expect((await post("/rows", ROW, "application/json", { cookie })).status).toBe(401);
    const over = await fetch(`${url}/login`, { method: "DELETE" });
    expect([over.status, over.headers.get("set-cookie")]).toEqual([
      204,
      "streamgauge_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
    ]);
  });

  test("needs none if there are only keys to write", async () => {
    const { url } = await testGateway({ API_KEYS: WRITE });
    expect((await fetch(`${url}/windows`)).status).toBe(200);
  });

  test("refuses keys that are easy to guess", async () => {
    await expect(testGateway({ READ_KEYS: "short" })).rejects.toThrow("READ_KEYS has a key of fewer than 16 characters");
  });
});
