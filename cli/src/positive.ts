import { InvalidArgumentError } from "commander";

/** The value of an option that is a whole number above 0. @throws InvalidArgumentError */
export function positive(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("It must be a whole number above 0.");
  return value;
}
