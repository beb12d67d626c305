import { createRequire } from "node:module";

/**
 * Removes the holes from Node's cache of CommonJS modules. fastify looks through that for the file of each plug-in, and fails at a
 * key without a module; chartjs-node-canvas leaves some where both run in one process.
 */
export function mendRequireCache(): void {
  const { cache } = createRequire(import.meta.url);
  for (const [key, module] of Object.entries(cache)) if (module === undefined) delete cache[key];
}
