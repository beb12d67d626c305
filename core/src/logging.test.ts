import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { captureLog } from "@streamgauge/testing";
import { createLogger, withoutPasswords } from "./logging.js";

describe("A line of the log", () => {
  test("is one line for people: time, level, service, message", () => {
    const { log, lines } = captureLog("metrics");
    log.info("12 rows logged.");
    expect(lines).toEqual([expect.stringMatching(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO \(metrics\): 12 rows logged\.$/)]);
  });

  test("is left out below its level", () => {
    const { log, lines } = captureLog("metrics", "warn");
    log.info("quiet");
    log.warn("loud");
    expect(lines).toHaveLength(1);
  });

  test("costs its destination no listener, however many loggers write there", () => {
    const destination = new PassThrough();
    const before = destination.eventNames().map((name) => destination.listenerCount(name));
    for (let i = 0; i < 20; i += 1) createLogger(`service-${i}`, "info", destination).info("Up.");
    expect(destination.eventNames().map((name) => destination.listenerCount(name))).toEqual(before);
    expect(String(destination.read()).match(/INFO \(service-\d+\): Up\.\n/g)).toHaveLength(20);
  });

  test.each([
    ["amqp://user:secret@host:5672/vhost", "amqp://user:***@host:5672/vhost"],
    ["at amqps://user:se:cr%40et@host and postgres://a:b@c.", "at amqps://user:***@host and postgres://a:***@c."],
    ["amqp://:secret@host", "amqp://:***@host"],
    ["amqp://user:secret@a:5672,b:5672/v", "amqp://user:***@a:5672,b:5672/v"],
    ["amqp://user@host:5672", "amqp://user@host:5672"],
    ["http://127.0.0.1:9100 and a@b:c", "http://127.0.0.1:9100 and a@b:c"],
  ])("never holds a password: %s", (line, shown) => {
    expect(withoutPasswords(line)).toBe(shown);
    const { log, lines } = captureLog();
    log.warn(line);
    log.error(new Error(line), "failed");
    expect(lines.join("\n")).not.toMatch(/secret|se:cr|a:b@/);
  });
});
