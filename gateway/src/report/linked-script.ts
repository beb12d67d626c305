import { posix } from "node:path";

/** A module as the compiler writes it for CommonJS. */
export interface CompiledModule {
  readonly name: string;
  readonly code: string;
}

const REQUIRED = /\brequire\("(\.{1,2}\/[^"]+)"\)/g;

/**
 * One classic script that runs a module with all that it requires: a page that is opened as a file cannot load modules.
 *
 * @param entry - the name of the module to run. @param read - the code of a module by its name.
 */
export function linkedScript(entry: string, read: (name: string) => string): string {
  const modules = new Map<string, string>();
  const add = (name: string): void => {
    if (modules.has(name)) return;
    modules.set(
      name,
      read(name).replace(REQUIRED, (_, path: string) => `require(${JSON.stringify(nameOf(path, name))})`),
    );
    for (const [, path = ""] of read(name).matchAll(REQUIRED)) add(nameOf(path, name));
  };
  add(entry);
  const functions = Array.from(modules, ([name, code]) => `${JSON.stringify(name)}: function (require, exports) {\n${code}\n}`);
  return `(() => {
const modules = {
${functions.join(",\n")}
};
const loaded = {};
const require = (name) => {
  if (!Object.hasOwn(loaded, name)) modules[name](require, (loaded[name] = {}));
  return loaded[name];
};
require(${JSON.stringify(entry)});
})();
`;
}

/** @param path - as a module requires it. @param from - the name of that module. */
function nameOf(path: string, from: string): string {
  return posix.join(posix.dirname(from), path);
}
