import { createRequire } from "node:module";
import type { NodeProcess } from "@streamgauge/testing";
import { startNode } from "@streamgauge/testing/vitest";

const require = createRequire(import.meta.url);

/**
 * Another process that runs a script. It is killed when the test ends.
 *
 * @param script - CommonJS, with the packages `lmdb` and `extensions` in scope. It may read its standard input.
 */
export function otherProcess(script: string): NodeProcess {
  const paths = { lmdb: require.resolve("lmdb"), extensions: require.resolve("fs-native-extensions") };
  const prelude = Object.entries(paths)
    .map(([name, path]) => `const ${name} = require(${JSON.stringify(path)});`)
    .join("\n");
  return startNode(["--eval", `${prelude}\n${script}`], { stdin: "pipe" });
}
