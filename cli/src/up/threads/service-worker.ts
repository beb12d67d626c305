import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { ThreadedService } from "./thread-messages.js";

/** The compiled thread; the same path from `src` and `dist`. */
const THREAD = fileURLToPath(new URL("../../../dist/up/threads/service-thread-main.js", import.meta.url));

/** A thread that loads a service and waits for its task. Until it has one, it does not keep the process alive. */
export function loadService(service: ThreadedService): Worker {
  const worker = new Worker(THREAD, { workerData: service });
  worker.unref();
  return worker;
}
