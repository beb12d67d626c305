import { defineConfig } from "vitest/config";
import faults from "./vitest.faults.config.js";

// A long run: real processes and brokers of its own. `npm run soak` builds them first, and says in SOAK what to run.
export default defineConfig({
  ...faults,
  test: {
    ...faults.test,
    include: ["testing/src/soak/*.soak.test.ts"],
    reporters: ["default"],
    // A run prints what it measures when it is over, and ends when it is.
    disableConsoleIntercept: true,
    testTimeout: 86_400_000,
  },
});
