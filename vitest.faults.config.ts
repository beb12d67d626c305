import { defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";

// Node imports packages itself and knows no condition `module`: what a package offers for it is for bundlers alone.
const conditions = ["streamgauge-source", ...defaultServerConditions.filter((condition) => condition !== "module")];

// The fault suite: real processes and brokers of its own, one case at a time. `npm run test:faults` builds them first.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["testing/src/faults/*.faults.test.ts"],
    fileParallelism: false,
    reporters: ["default", "./testing/src/faults/harness/figures-reporter.ts"],
    // A case takes ten to sixty seconds on two idle cores; a busy machine needs several times as long.
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
