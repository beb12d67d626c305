import { describe, expect, it } from "vitest";
import type { GraphNode, Subgraph } from "./graph.js";
import { nodesBehind, sourcesOf } from "./output-sources.js";

const node = (operator: string, inputs: readonly string[], outputs: readonly string[], more: Partial<GraphNode> = {}): GraphNode => ({
  operator,
  domain: "",
  inputs,
  outputs,
  ...more,
});
const graph = (inputs: readonly string[], nodes: readonly GraphNode[], outputs: readonly string[]): Subgraph => ({
  inputs,
  outputs,
  nodes,
  constants: new Set(),
});

function sources(nodes: readonly GraphNode[], output: string, functions: Readonly<Record<string, Subgraph>> = {}): string[] {
  const byKey = new Map(Object.entries(functions).map(([name, body]) => [`my\n${name}\n`, body]));
  return [...sourcesOf({ nodes, functions: byKey }, output)].toSorted();
}

describe("what an output is computed from", () => {
  it("is everything upstream of it", () => {
    const nodes = [node("Add", ["a", "b"], ["sum"]), node("Neg", ["sum"], ["y"]), node("Neg", ["d"], ["other"])];
    expect(sources(nodes, "y")).toEqual(["a", "b", "sum", "y"]);
  });

  it("is the output alone if that is an input", () => {
    expect(sources([node("Neg", ["b"], ["z"])], "a")).toEqual(["a"]);
  });

  it("is nothing behind a value that is left out", () => {
    const nodes = [node("Dropout", ["label"], ["z", ""]), node("Clip", ["a", "", "most"], ["y"])];
    expect(sources(nodes, "y")).toEqual(["a", "most", "y"]);
  });

  it("is what the branches of an If read around them, for that output of it", () => {
    const then = graph([], [node("Neg", ["a"], ["t1"]), node("Neg", ["label"], ["t2"])], ["t1", "t2"]);
    const otherwise = graph([], [node("Neg", ["b"], ["e1"]), node("Neg", ["label"], ["e2"])], ["e1", "e2"]);
    const nodes = [node("If", ["c"], ["y", "z"], { graphs: [then, otherwise] })];
    expect(sources(nodes, "y")).toEqual(["a", "b", "c", "y"]);
    expect(sources(nodes, "z")).toEqual(["c", "label", "z"]);
  });

  it("is what a value of the graph around is, that a branch hands out as it is", () => {
    const branches = [graph([], [], ["a"]), graph([], [], ["b"])];
    expect(sources([node("If", ["c"], ["y"], { graphs: branches })], "y")).toEqual(["a", "b", "c", "y"]);
  });

  it("is not what only bears the same name within a graph", () => {
    const body: Subgraph = { ...graph(["i", "label"], [node("Sum", ["label", "w", "a"], ["next"])], ["next"]), constants: new Set(["w"]) };
    expect(sources([node("Scan", ["start"], ["y"], { graphs: [body] })], "y")).toEqual(["a", "start", "y"]);
  });

  it("is what any output of a loop's body depends on, in graphs within graphs, too", () => {
    const inner = graph([], [node("Neg", ["b"], ["in"])], ["in"]);
    const body = graph(
      ["i", "go", "x"],
      [node("If", ["go"], ["one"], { graphs: [inner, inner] }), node("Add", ["x", "a"], ["two"])],
      ["go", "one", "two"],
    );
    expect(sources([node("Loop", ["n", "", "x0"], ["y", "z"], { graphs: [body] })], "y")).toEqual(["a", "b", "n", "x0", "y"]);
  });

  it("is what that output of a function depends on, through functions that it calls", () => {
    const my = { domain: "my" };
    const functions = {
      Inner: graph(["p", "q"], [node("Neg", ["p"], ["r"]), node("Neg", ["q"], ["s"])], ["r", "s"]),
      Outer: graph(["x", "w", "l"], [node("Inner", ["x", "l"], ["m", "n"], my), node("Mul", ["m", "w"], ["o"])], ["o", "n"]),
    };
    const nodes = [node("Outer", ["a", "b", "label"], ["y", "z"], my)];
    expect(sources(nodes, "y", functions)).toEqual(["a", "b", "y"]);
    expect(sources(nodes, "z", functions)).toEqual(["label", "z"]);
  });

  it("is every input of a function that calls itself", () => {
    const my = { domain: "my" };
    const functions = { Self: graph(["x", "l"], [node("Self", ["x", "l"], ["o"], my)], ["o"]) };
    expect(sources([node("Self", ["a", "label"], ["y"], my)], "y", functions)).toEqual(["a", "label", "y"]);
  });

  it("is found in a chain of 200,000 nodes, and in functions that call others twice, 60 deep", () => {
    const chain = Array.from({ length: 200_000 }, (_, at) => node("Neg", [`v${at}`], [`v${at + 1}`]));
    expect(sourcesOf({ nodes: chain, functions: new Map() }, "v200000").size).toBe(200_001);
    const my = { domain: "my" };
    const twice = (name: string) => [node(name, ["x"], ["m"], my), node(name, ["m"], ["o"], my)];
    const functions = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`F${at}`, graph(["x"], twice(`F${at + 1}`), ["o"])]));
    expect(sources([node("F0", ["a"], ["y"], my)], "y", functions)).toEqual(["a", "y"]);
  });
});

describe("the nodes behind an output", () => {
  it("come with everything that they read, whether it depends on that or not", () => {
    const branch = graph([], [node("Neg", ["a"], ["t1"]), node("Neg", ["label"], ["t2"])], ["t1", "t2"]);
    const both = node("If", ["c"], ["y", "z"], { graphs: [branch, branch] });
    const scaled = node("Neg", ["raw"], ["a"]);
    const { nodes, names } = nodesBehind([scaled, node("Neg", ["other"], ["label.output"]), both], "y");
    expect([...nodes]).toEqual([scaled, both]);
    expect([...names].toSorted()).toEqual(["a", "c", "label", "raw", "y"]);
  });
});
