// `node scripts/run.mjs <workspace> [arguments]`: prepares the clone, then becomes that program, in this same process,
// so that signals and exit codes need no forwarding.
import { pathToFileURL } from "node:url";
import { programOf } from "./bundle.mjs";
import { prepare } from "./prepare.mjs";

const [workspace, ...args] = process.argv.slice(2);
await prepare(workspace);
const main = programOf(workspace);
process.argv = [process.argv[0], main, ...args];
// npm runs a workspace's script in its folder; paths that a user gives are relative to where the user stands.
process.chdir(process.env.INIT_CWD ?? process.cwd());
await import(pathToFileURL(main).href);
