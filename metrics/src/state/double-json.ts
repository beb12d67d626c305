const MOMENTS: ReadonlySet<string> = new Set(["absolute", "squared", "signed", "meanTrue", "spreadTrue"]);

/** JSON with all doubles: those that JSON has no number for are objects like `{"double":"Infinity"}`. */
export function writeDoubles(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "number" && !Number.isFinite(part) ? { double: String(part) } : part,
  );
}

/** What `writeDoubles` wrote. A sum that an earlier version wrote as null had overflowed: it is not a number from then on. */
export function readDoubles<T>(text: string): T {
  return JSON.parse(text, (key, part: unknown) => {
    if (part === null && MOMENTS.has(key)) return Number.NaN;
    return isDouble(part) ? Number(part.double) : part;
  });
}

function isDouble(part: unknown): part is { readonly double: string } {
  return typeof part === "object" && part !== null && "double" in part && typeof part.double === "string";
}
