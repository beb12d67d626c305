// Gathers each program and what it imports into a few files under dist/. Node reads and links every module by itself: a program of 2,400
// modules needs a second for that before it begins, and each of its threads again.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "dist");

/** What is run by its name, and the threads and processes that it starts. */
const PROGRAMS = {
  ...Object.fromEntries(["cli", "features", "model", "metrics", "plot", "alerts", "gateway"].map((name) => [name, `${name}/dist/main.js`])),
  "service-thread-main": "cli/dist/up/threads/service-thread-main.js",
  "threaded-model-main": "model/dist/session/threaded-model-main.js",
  "forked-model-main": "model/dist/session/forked-model-main.js",
};

/** Packages that come with files beside their code: native libraries, WebAssembly, pages. */
const APART = [
  "@electric-sql/pglite",
  "@fastify/swagger-ui",
  "@napi-rs/canvas",
  "chartjs-node-canvas",
  "fs-native-extensions",
  "lmdb",
  "onnxruntime-node",
];

/** The bundled program of a workspace, or what the compiler made of one that is not bundled. */
export function programOf(workspace) {
  return workspace in PROGRAMS ? join(out, `${workspace}.js`) : join(root, workspace, "dist/main.js");
}

/** Bundles the compiled programs if one of them, or a dependency, is newer than their bundle. */
export async function bundle() {
  const stamp = join(out, ".bundled");
  if (existsSync(stamp) && sources().every((file) => statSync(file).mtimeMs <= statSync(stamp).mtimeMs)) return;
  const began = Date.now() / 1000;
  const { rolldown } = await import("rolldown");
  const bundled = await rolldown({
    cwd: root,
    input: PROGRAMS,
    platform: "node",
    // The code is compiled already, and an image does not have all projects that the configuration names.
    tsconfig: false,
    external: APART.map((name) => new RegExp(`^${name}(/|$)`)),
    plugins: [{ name: "places", transform: ownPlaces }],
    onLog: (level, log) => {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  mkdirSync(out, { recursive: true });
  const unfinished = mkdtempSync(join(out, ".new-"));
  const { output } = await bundled.write({ dir: unfinished, format: "esm" });
  await bundled.close();
  // Each file is replaced whole: another process may be reading it.
  for (const { fileName } of output) renameSync(join(unfinished, fileName), join(out, fileName));
  const kept = new Set(output.map(({ fileName }) => fileName));
  for (const name of readdirSync(out)) if (!kept.has(name)) rmSync(join(out, name), { recursive: true, force: true });
  writeFileSync(stamp, "");
  utimesSync(stamp, began, began);
}

/** What changes when a bundle is out of date: a compilation, the dependencies, this file. */
function sources() {
  const compiled = readdirSync(root).map((name) => join(root, name, "dist/.tsbuildinfo"));
  return [...compiled, join(root, "node_modules/.streamgauge-lock"), fileURLToPath(import.meta.url)].filter((file) => existsSync(file));
}

/**
 * Code that looks for a file from its own place still finds it: `import.meta.url` becomes the URL of the module before it was bundled, and
 * the URL of a program that of its bundle.
 */
function ownPlaces(code, id) {
  if (!code.includes("import.meta.url") || id.includes(`${sep}node_modules${sep}`) || !id.startsWith(root)) return null;
  const programs = new Map(Object.entries(PROGRAMS).map(([name, file]) => [join(root, file), `./${name}.js`]));
  const placed = code.replaceAll(/new URL\("([^"]+)", import\.meta\.url\)/g, (url, path) => {
    const program = programs.get(resolve(dirname(id), path));
    return program === undefined ? url : `new URL("${program}", import.meta.URL)`;
  });
  const place = `new URL("${relative(out, id).split(sep).join("/")}", import.meta.URL).href`;
  return placed.replaceAll("import.meta.url", place).replaceAll("import.meta.URL", "import.meta.url");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await bundle();
