import { connect } from "amqplib";
import { describe, expect, test } from "vitest";
import { startPrivateBroker } from "./start-private-broker.js";
import { findRabbitMq, RabbitMqMissingError } from "./rabbitmq-programs.js";

describe("A private broker", () => {
  test("keeps its data when it is killed and started, and leaves nothing behind when it is stopped", { timeout: 120_000 }, async () => {
    const broker = await startPrivateBroker({ config: ["heartbeat = 7"] });
    try {
      const before = await connect(broker.url);
      before.on("error", () => undefined);
      await (await before.createChannel()).assertQueue("kept", { durable: true });
      expect(await broker.ctl("environment")).toMatch(/heartbeat,7/);
      // Mnesia, below RabbitMQ 4, writes a new queue to disk up to two seconds later.
      await broker.ctl("eval", "catch mnesia:sync_log().");
      await broker.kill();
      await expect(connect(broker.url)).rejects.toThrow(/ECONNREFUSED/);
      await broker.start();
      expect(await broker.ctl("list_queues", "name")).toContain("kept");
      await expect(broker.ctl("nonsense")).rejects.toThrow(/rabbitmqctl nonsense failed/);
      expect(await broker.log()).toMatch(/Server startup complete/);
    } finally {
      await broker.stop();
    }
    await expect(broker.log()).rejects.toThrow();
    await expect(connect(broker.url)).rejects.toThrow(/ECONNREFUSED/);
    await broker.stop();
  });

  test("that cannot start says what its log says, and leaves nothing behind", { timeout: 120_000 }, async () => {
    await expect(startPrivateBroker({ config: ["nonsense = 1"] })).rejects.toThrow(
      /RabbitMQ ended while it started\.[^]*failed_to_prepare_configuration/,
    );
  });

  test("on a machine without RabbitMQ says what to install", () => {
    expect(() => findRabbitMq(["/nowhere"])).toThrow(RabbitMqMissingError);
    expect(() => findRabbitMq(["/nowhere"])).toThrow(
      /^rabbitmq-server was not found\. Install RabbitMQ 3\.10 or newer: .*apt-get install rabbitmq-server/,
    );
  });
});
