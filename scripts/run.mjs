// `node scripts/run.mjs <workspace> [arguments]`: prepares the clone, then becomes that program, in this same process,
// so that signals and exit codes need no forwarding.
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { prepare } from "./prepare.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [workspace, ...args] = process.argv.slice(2);
prepare(workspace);
const main = join(root, workspace, "dist/main.js");
process.argv = [process.argv[0], main, ...args];
// npm runs a workspace's script in its folder; paths that a user gives are relative to where the user stands.
process.chdir(process.env.INIT_CWD ?? process.cwd());
await import(pathToFileURL(main).href);
