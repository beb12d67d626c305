import { spawn } from "node:child_process";
import { once } from "node:events";
import { builtFile } from "../../built-file.js";

/** Compiles and bundles what is out of date, as `npm test` does before: processes run what is bundled. */
export async function compile(): Promise<void> {
  await run(builtFile("node_modules/typescript/bin/tsc"), "-b", builtFile("tsconfig.json"));
  await run(builtFile("scripts/bundle.mjs"));
}

async function run(...program: readonly string[]): Promise<void> {
  const [code] = await once(spawn(process.execPath, program, { stdio: "inherit" }), "exit");
  if (code !== 0) throw new Error("The project does not compile.");
}
