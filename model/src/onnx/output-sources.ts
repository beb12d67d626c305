import { operatorKey, type GraphNode, type Subgraph } from "./graph.js";

/** A graph by what matters here; functions by `operatorKey`. */
type Body = Pick<Subgraph, "nodes"> & Partial<Pick<Subgraph, "inputs" | "outputs" | "constants">>;
type Functions = ReadonlyMap<string, Subgraph>;

/**
 * Finds what an output is computed from: the values upstream of it, through the branches and bodies of nodes, which
 * read values around them by name, and through functions of the model, of which each output may need some inputs only.
 *
 * @returns the names of all values that the output depends on, its own included.
 */
export function sourcesOf(
  graph: { readonly nodes: readonly GraphNode[]; readonly functions: Functions },
  output: string,
): ReadonlySet<string> {
  return new Sources(graph.functions).of(graph, output);
}

/** Nodes, and the names of all values that they read or give. */
export interface NodesBehind {
  /** In the order of the file. */
  readonly nodes: ReadonlySet<GraphNode>;
  readonly names: ReadonlySet<string>;
}

/**
 * Finds the nodes without which an output cannot be computed, each with everything that it reads: a node runs as a whole,
 * with all its branches and all inputs of its function, whether this output depends on them or not.
 */
export function nodesBehind(nodes: readonly GraphNode[], output: string): NodesBehind {
  const makers = makersOf(nodes);
  const found = new Set<GraphNode>();
  const names = upstream(output, (name) => {
    const maker = makers.get(name);
    if (maker === undefined || found.has(maker.node)) return [];
    found.add(maker.node);
    return namesRead(maker.node);
  });
  return { nodes: new Set(nodes.filter((node) => found.has(node))), names };
}

/** Answers for one model; what was found for a graph within it is kept, since functions call functions. */
class Sources {
  readonly #functions: Functions;
  readonly #found = new Map<Body, Map<string, ReadonlySet<string>>>();
  readonly #makers = new Map<Body, ReturnType<typeof makersOf>>();

  constructor(functions: Functions) {
    this.#functions = functions;
  }

  of(body: Body, output: string): ReadonlySet<string> {
    const ofBody = this.#found.get(body) ?? new Map<string, ReadonlySet<string>>();
    this.#found.set(body, ofBody);
    const known = ofBody.get(output);
    if (known !== undefined) return known;
    // A function that calls itself, which ONNX forbids, must not be followed for ever.
    ofBody.set(output, new Set(body.inputs));
    const makers = this.#makers.get(body) ?? makersOf(body.nodes);
    this.#makers.set(body, makers);
    const found = upstream(output, (name) => {
      const maker = makers.get(name);
      return maker === undefined ? [] : this.#readBy(maker.node, maker.output);
    });
    ofBody.set(output, found);
    return found;
  }

  /** Names that one output of a node depends on directly. */
  #readBy(node: GraphNode, output: number): readonly string[] {
    const body = this.#functions.get(operatorKey(node));
    if (body !== undefined) {
      const sources = this.of(body, body.outputs[output] ?? "");
      return node.inputs.filter((_, at) => sources.has(body.inputs[at] ?? ""));
    }
    // The outputs of an If are those of its branches; in loops, each output may depend on all that the last round had.
    const isIf = node.operator === "If" && isOnnx(node);
    const captured = (node.graphs ?? []).flatMap((graph) =>
      (isIf ? graph.outputs.slice(output, output + 1) : graph.outputs).flatMap((name) => outer(graph, this.of(graph, name))),
    );
    return [...node.inputs, ...captured];
  }
}

/** Every name that a node reads of the graph that it stands in. */
function namesRead(node: GraphNode): readonly string[] {
  const captured = (node.graphs ?? []).flatMap((graph) => outer(graph, [...graph.outputs, ...graph.nodes.flatMap(namesRead)]));
  return [...node.inputs, ...captured];
}

/** Those of some names in a graph within a node that are values of the graph around it. */
function outer({ inputs, constants, nodes }: Subgraph, names: Iterable<string>): readonly string[] {
  const own = new Set([...inputs, ...constants, ...nodes.flatMap(({ outputs }) => outputs)]);
  return [...names].filter((name) => !own.has(name));
}

function isOnnx({ domain }: GraphNode): boolean {
  return domain === "" || domain === "ai.onnx";
}

/** Which node gives a value, as which of its outputs. */
function makersOf(nodes: readonly GraphNode[]): ReadonlyMap<string, { readonly node: GraphNode; readonly output: number }> {
  const makers = new Map<string, { readonly node: GraphNode; readonly output: number }>();
  for (const node of nodes) for (const [output, name] of node.outputs.entries()) makers.set(name, { node, output });
  return makers;
}

/** All names that can be reached from one. An empty name is an optional value that is left out: nothing is behind it. */
function upstream(from: string, sources: (name: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set([from]);
  const open = [from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const source of sources(name)) {
      if (source === "" || found.has(source)) continue;
      found.add(source);
      open.push(source);
    }
  }
  return found;
}
