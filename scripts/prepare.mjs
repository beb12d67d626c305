// Makes a fresh clone ready to run: installs what package-lock.json names and compiles, each only when it is out of
// date. Runs before there is any dependency, so it uses Node alone.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "./bundle.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Installs, compiles and bundles; ends the process with a clear line when that fails.
 *
 * @param workspace - the one that is to run: it is compiled with the services and what it needs itself. Default: all of them.
 */
export async function prepare(workspace = ".") {
  const [major, minor] = process.versions.node.split(".").map(Number);
  // As package.json has it: earlier ones do not run the compiler and the bundler.
  const isFit = major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  if (!isFit) stop(`Node 20.19, 22.12, or 24 and newer is needed; this is ${process.version}.`);
  // A container has everything already, and neither sources nor compiler.
  if (!existsSync(join(root, "tsconfig.json"))) return;
  install();
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", "cli", workspace], "Compiling");
  await bundle();
}

function install() {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const stamp = join(root, "node_modules/.streamgauge-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("Installing dependencies (once)…\n");
  run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "Installing");
  writeFileSync(stamp, lock);
}

function run(command, args, what) {
  // What the tools print goes to standard error: standard output belongs to the program.
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32" && command === "npm",
  });
  if (status !== 0) stop(`${what} failed${error ? `: ${error.message}` : ""}.`);
}

function stop(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare();
