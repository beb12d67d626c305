import { expect, test } from "vitest";
import { KnownKeys } from "./known-keys.js";
import { Sessions } from "./session.js";

const DAY = 86_400_000;
const sessionsOf = (...keys: string[]) => new Sessions(new KnownKeys(keys).secret());
const cookieOf = (header: string) => header.split(";")[0];

test("a session lasts for thirty days, also over a restart", () => {
  const cookie = cookieOf(sessionsOf("a", "b").begin(0));
  const again = sessionsOf("a", "b");
  expect([again.has(cookie, 30 * DAY - 1), again.has(cookie, 30 * DAY)]).toEqual([true, false]);
  expect(again.has(`other=1; ${cookie}; more=2`, 0)).toBe(true);
});

test("a session ends when the keys change", () => {
  const cookie = cookieOf(sessionsOf("a", "b").begin(0));
  expect([sessionsOf("a").has(cookie, 0), sessionsOf("a", "c").has(cookie, 0)]).toEqual([false, false]);
});

test("a session cannot be made or prolonged without the keys", () => {
  const sessions = sessionsOf("a");
  const [name, value = ""] = (cookieOf(sessions.begin(0)) ?? "").split("=");
  const [until, signature] = value.split(".");
  const forged = [`${Number(until) + 1}.${signature}`, `${until}.`, `${until}`, "", "NaN.x", `.${signature}`];
  expect(forged.filter((each) => sessions.has(`${name}=${each}`, 0))).toEqual([]);
  expect(sessions.has(undefined, 0)).toBe(false);
});

test("neither scripts nor other sites get at it, and it has no key in it", () => {
  const header = sessionsOf("0123456789abcdef").begin(0);
  expect(header).toMatch(/^streamgauge_session=2592000000\.[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
});
