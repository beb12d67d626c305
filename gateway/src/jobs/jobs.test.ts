import { CHAMPION, MemoryBroker, MemoryBus, MessageTooLargeError } from "@streamgauge/core";
import { captureLog, until } from "@streamgauge/testing";
import { temporaryFolder } from "@streamgauge/testing/vitest";
import { expect, onTestFinished, test, vi } from "vitest";
import { Publisher } from "../ingress/publisher.js";
import { Database } from "../store/database.js";
import { JobStore } from "../store/job-store.js";
import { DatabaseAwayError } from "../store/database-away.js";
import { TOPOLOGY } from "../testing/test-gateway.js";
import { Jobs } from "./jobs.js";

function openJobs(spoil: (bus: MemoryBus) => unknown = () => undefined): Jobs {
  const folder = temporaryFolder();
  const { log } = captureLog("gateway");
  const bus = new MemoryBus(new MemoryBroker(TOPOLOGY), "gateway", log);
  spoil(bus);
  const database = new Database({ url: "", folder, log });
  const jobs = new Jobs({ database, bus, publisher: new Publisher(bus), log, lane: CHAMPION, drained: () => Promise.resolve() });
  onTestFinished(async () => {
    await jobs.close();
    await bus.close();
    await database.close();
  });
  return jobs;
}

async function* rows(count: number) {
  yield Array.from({ length: count }, (_, i) => ({ fields: { features: { a: i } } }));
}

test("a job that is cancelled while it is started runs no more", async () => {
  const jobs = openJobs();
  for (let round = 0; round < 10; round += 1) {
    const { job } = await jobs.create("both at once", { rows: rows(10_000) });
    expect(await Promise.all([jobs.run(job.id), jobs.cancel(job.id)])).toEqual([true, true]);
    await until("the cancelled job stopped", async () => !jobs.answers.expectsAnswers);
    expect(await jobs.get(job.id)).toMatchObject({ status: "cancelled" });
  }
});

test("a job whose start failed with the database half way is started by the next try, and only once", async () => {
  const published = vi.fn();
  const jobs = openJobs((bus) => vi.spyOn(bus, "publish").mockImplementation(async () => published()));
  const { job } = await jobs.create("half way", { rows: rows(10) });
  vi.spyOn(JobStore.prototype, "get").mockRejectedValueOnce(new DatabaseAwayError());
  await expect(jobs.run(job.id)).rejects.toThrow(DatabaseAwayError);
  expect(await jobs.get(job.id)).toMatchObject({ status: "running" });
  expect(await jobs.run(job.id)).toBe(true);
  expect(await jobs.run(job.id)).toBe(false);
  await until("its rows are sent", () => published.mock.calls.length > 0);
  expect(published).toHaveBeenCalledTimes(1);
  expect(jobs.answers.expectsAnswers).toBe(true);
});

test("a job with a message above the broker's limit has failed, and says what to do", async () => {
  // As RabbitMQ with a max_message_size of 100 bytes.
  const jobs = openJobs((bus) =>
    vi.spyOn(bus, "publish").mockImplementation((_to, { body }) => Promise.reject(new MessageTooLargeError(body.length, 100))),
  );
  const { job } = await jobs.create("large", { rows: rows(1_000) });
  await jobs.run(job.id);
  await until("the job has failed", async () => (await jobs.get(job.id))?.status === "failed");
  expect(await jobs.get(job.id)).toMatchObject({
    reason: expect.stringMatching(
      /^A message of \d+ bytes is above the limit of 100: send fewer rows a frame \(FRAME_ROWS\) or a request\.$/,
    ),
  });
  expect(jobs.answers.expectsAnswers).toBe(false);
});
