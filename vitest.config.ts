import { defaultServerConditions } from "vite";
import { configDefaults, defineConfig } from "vitest/config";

// Tests run on the sources of all workspaces, so that no stale build is ever tested.
// Node imports packages itself and knows no condition `module`: what a package offers for it is for bundlers alone.
const conditions = ["streamgauge-source", ...defaultServerConditions.filter((condition) => condition !== "module")];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["*/src/**/*.test.ts"],
    // Suites that inject faults take minutes; each is run by its name.
    exclude: [...configDefaults.exclude, "**/*.faults.test.ts", "**/*.soak.test.ts"],
    globalSetup: "testing/src/broker/global-setup.ts",
    setupFiles: "testing/src/vitest/no-warnings.ts",
    // A broker's answer may take seconds on a busy machine. What a test waits for comes as an event: this is no pace.
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
