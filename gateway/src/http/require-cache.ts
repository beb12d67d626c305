import { createRequire } from "node:module";

/**
 * Removes empty entries from Node's cache of CommonJS modules. fastify searches it for the file of each plug-in, and fails at a
 * key without a module; chartjs-node-canvas leaves such keys if both run in one process.
 */
export function mendRequireCache(): void {
  const { cache } = createRequire(import.meta.url);
  for (const [key, module] of Object.entries(cache)) if (module === undefined) delete cache[key];
}
