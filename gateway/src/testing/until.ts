import { setTimeout as delay } from "node:timers/promises";

/** Resolves when a state that no event tells of has come; the test's own time limit ends the wait. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await delay(20);
}
