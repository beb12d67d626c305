import { spawn } from "node:child_process";
import { once } from "node:events";
import { builtFile } from "../../built-file.js";

/** Compiles what is out of date, as `npm test` does before: processes run what is compiled. */
export async function compile(): Promise<void> {
  const tsc = builtFile("node_modules/typescript/bin/tsc");
  const child = spawn(process.execPath, [tsc, "-b", builtFile("tsconfig.json")], { stdio: "inherit" });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error("The project does not compile.");
}
